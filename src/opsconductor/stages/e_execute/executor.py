"""Stage E's front: starts an execution durably, runs its steps, and hands P11 what is left to commit."""

from dataclasses import replace

from opsconductor.domain.audit import AuditEntry
from opsconductor.domain.catalogue import Effect
from opsconductor.domain.decision import DecisionV1
from opsconductor.domain.errors import OpsConductorError
from opsconductor.domain.execution import (
    Closing,
    ExecutionMove,
    ExecutionStatus,
    StepError,
    StepIntent,
    StepResult,
    StepStatus,
)
from opsconductor.domain.plan import PlanV1
from opsconductor.ports.clock import Clock, timestamp
from opsconductor.ports.storage import Storage
from opsconductor.stages.e_execute.execution_engine import ExecutionEngine
from opsconductor.stages.e_execute.not_run import not_run
from opsconductor.stages.e_execute.result_aggregator import aggregate
from opsconductor.stages.e_execute.run_context import RunContext


class Executor:
    """Runs frozen plans. What it returns is the truth of the journal, ready to be committed by P11."""

    def __init__(self, engine: ExecutionEngine, storage: Storage, clock: Clock) -> None:
        self._engine = engine
        self._storage = storage
        self._clock = clock

    async def execute_plan(self, plan: PlanV1, decision: DecisionV1 | None, context: RunContext) -> Closing:
        """Run `plan` under `context`. Raises `store.*` before anything ran when the start cannot be recorded.

        `decision` is None for an approved plan: the approval, not an understanding, is what orders it.
        """
        started_at = timestamp(self._clock.now())
        began = self._clock.monotonic()
        await self._start(context, started_at, decision)
        try:
            assets = await self._engine.load_assets(context)
        except OpsConductorError as error:
            results = self._nothing_ran(plan, error)
        else:
            results = await self._engine.run_steps(context, assets)
        return self.close(context, results, started_at, round(self._clock.monotonic() - began, 3))

    def close(
        self, context: RunContext, results: list[StepResult], started_at: str, duration_s: float | None
    ) -> Closing:
        """The closing of an execution whose steps are all told."""
        now = timestamp(self._clock.now())
        execution = context.execution
        result = aggregate(execution, results, context.approvals, started_at, now, duration_s)
        reads = {step.step_id for step in execution.plan.steps if step.effect == Effect.READ}
        open_reads = [item for item in results if item.step_id in reads and item.attempts]
        return Closing(
            execution_id=execution.execution_id,
            results=(*open_reads, *context.unrecorded),
            move=ExecutionMove(
                execution_id=execution.execution_id,
                source=ExecutionStatus.RUNNING,
                target=result.status,
                actor=context.actor or execution.requester,
                at=now,
                reason=result.summary,
            ),
            result=result,
        )

    async def _start(self, context: RunContext, at: str, decision: DecisionV1 | None) -> None:
        """One commit: the execution is running, and each read it is about to do is in the journal.

        An approval has started its execution already; then only the reads are left to write down.
        """
        execution = context.execution
        if execution.status is not ExecutionStatus.RUNNING:
            execution = replace(execution, status=ExecutionStatus.RUNNING)
        unit = self._storage.begin()
        if not context.started:
            unit.add_execution(execution)
            unit.append_audit(self._started(context, at, decision))
        for step in execution.plan.steps:
            if step.effect != Effect.READ:
                continue
            for target in step.targets or (None,):
                unit.record_intent(
                    StepIntent(
                        execution_id=execution.execution_id,
                        step_id=step.step_id,
                        target_id=target.asset_id if target else "",
                        target=target.name if target else "",
                        tool=step.tool,
                        attempt=1,
                        at=at,
                        owner=execution.owner,
                    )
                )
        await unit.commit()

    def _started(self, context: RunContext, at: str, decision: DecisionV1 | None) -> AuditEntry:
        execution = context.execution
        return AuditEntry(
            tenant=execution.tenant,
            at=at,
            actor=context.actor or execution.requester,
            action="execution.started",
            subject=execution.execution_id,
            detail={
                "plan": execution.plan.plan_digest,
                "intent": decision.intent.label if decision and decision.intent else "",
                "tools": [step.tool for step in execution.plan.steps],
            },
        )

    def _nothing_ran(self, plan: PlanV1, error: OpsConductorError) -> list[StepResult]:
        """Every step failed before it began."""
        now = timestamp(self._clock.now())
        failure = StepError(code=error.code, message=error.message, next_step=error.next_step)
        return [
            result
            for step in plan.steps
            for result in not_run(step, step.targets or (None,), StepStatus.FAILED, now, error=failure)
        ]
