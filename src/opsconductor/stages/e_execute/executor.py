"""Stage E's front: starts an execution durably, runs its steps, and hands P11 what is left to commit."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from opsconductor.domain.audit import AuditEntry
from opsconductor.domain.catalogue import Effect
from opsconductor.domain.decision import DecisionV1
from opsconductor.domain.errors import OpsConductorError
from opsconductor.domain.execution import (
    Closing,
    Execution,
    ExecutionMove,
    ExecutionStatus,
    Paused,
    StepError,
    StepIntent,
    StepResult,
    StepStatus,
)
from opsconductor.domain.plan import PlanStep, PlanV1
from opsconductor.ports.clock import Clock, timestamp
from opsconductor.ports.failpoints import Failpoints
from opsconductor.ports.storage import Storage
from opsconductor.stages.e_execute.execution_engine import ExecutionEngine
from opsconductor.stages.e_execute.result_aggregator import aggregate
from opsconductor.stages.e_execute.settling.lease import LEASE_S, HeldRun, Leases
from opsconductor.stages.e_execute.steps.not_run import not_run
from opsconductor.stages.e_execute.steps.progress import Progress
from opsconductor.stages.e_execute.steps.run_context import RunContext
from opsconductor.stages.e_execute.strategies.sequential_execution import in_order

NOTHING: Mapping[str, bytes] = MappingProxyType({})


class Executor:
    """Runs frozen plans. What it returns is the truth of the journal, ready to be committed by P11."""

    def __init__(self, engine: ExecutionEngine, storage: Storage, clock: Clock, failpoints: Failpoints) -> None:
        self._engine = engine
        self._storage = storage
        self._leases = Leases(storage, clock)
        self._clock = clock
        self._failpoints = failpoints

    async def execute_plan(self, plan: PlanV1, decision: DecisionV1 | None, context: RunContext) -> Closing | Paused:
        """Run `plan` under `context`, to its end or to the step that a person has to confirm first.

        `decision` is None for an approved plan: the approval, not an understanding, is what orders it.
        Raises `store.*` before anything ran when the start cannot be recorded, and `execution.fenced` when another
        process has taken the run over: this one starts nothing more then, and records nothing of what it saw.
        """
        now = timestamp(self._clock.now())
        began = self._clock.monotonic()
        await self._failpoints.hit("start.before_commit")
        context = await self._start(context, now, decision)
        await self._failpoints.hit("start.after_commit")
        async with self._leases.holding_run(context.execution, began) as held:
            return await self._run(plan, context, held, now)

    async def _run(self, plan: PlanV1, context: RunContext, held: HeldRun, now: str) -> Closing | Paused:
        """The steps, and what is left to commit of them; `now` is when this leg of the run began."""
        began = self._clock.monotonic()
        outputs: Mapping[str, bytes] = {}
        try:
            assets = await self._engine.load_assets(context)
        except OpsConductorError as error:
            results = [*context.done, *self._nothing_ran(plan, context, error)]
        else:
            progress = await self._engine.run_steps(context, assets, held)
            if progress.paused_at:
                await self._failpoints.hit("pause.before")
                return self._pause(context, progress)
            results, outputs = progress.told(), progress.whole_outputs
        await self._failpoints.hit("closing.before")
        started_at = min([now, *(result.started_at for result in context.done)])
        return self.close(context, results, started_at, round(self._clock.monotonic() - began, 3), outputs)

    def close(
        self,
        context: RunContext,
        results: list[StepResult],
        started_at: str,
        duration_s: float | None,
        outputs: Mapping[str, bytes] = NOTHING,
    ) -> Closing:
        """The closing of an execution whose steps are all told; `context.done` is in the journal already."""
        now = timestamp(self._clock.now())
        execution = context.execution
        result = aggregate(execution, results, context.approvals, started_at, now, duration_s)
        return Closing(
            execution_id=execution.execution_id,
            results=(*_open_reads(context, results), *context.unrecorded),
            move=self._move(context, result.status, now, result.summary),
            result=result,
            claim=execution.claim,
            outputs=outputs,
        )

    def _pause(self, context: RunContext, progress: Progress) -> Paused:
        """The pause of an execution before a step that waits for a person's word."""
        now = timestamp(self._clock.now())
        told = progress.told()
        return Paused(
            execution_id=context.execution.execution_id,
            step_id=progress.paused_at,
            results=_open_reads(context, told),
            done=tuple(told),
            move=self._move(
                context, ExecutionStatus.AWAITING_APPROVAL, now, f"{progress.paused_at} waits for a confirmation"
            ),
            claim=context.execution.claim,
            outputs=progress.whole_outputs,
        )

    def _move(self, context: RunContext, target: ExecutionStatus, at: str, reason: str) -> ExecutionMove:
        return ExecutionMove(
            execution_id=context.execution.execution_id,
            source=ExecutionStatus.RUNNING,
            target=target,
            actor=context.actor or context.execution.requester,
            at=at,
            reason=reason,
        )

    async def _start(self, context: RunContext, at: str, decision: DecisionV1 | None) -> RunContext:
        """One commit: the execution is running and ours, and each read it is about to do is in the journal.

        An approval has started and claimed its execution already; then only the reads are left to write down.
        """
        execution = context.execution
        unit = self._storage.begin()
        if not context.started:
            if execution.status is not ExecutionStatus.RUNNING:
                execution = replace(execution, status=ExecutionStatus.RUNNING)
            unit.add_execution(execution)
            unit.claim_execution(execution.execution_id, execution.owner, LEASE_S, execution.claim)
            unit.append_audit(self._started(context, at, decision))
            execution = replace(execution, claim=execution.claim + 1)
        for intent in _read_intents(execution, _this_leg(context), at):
            unit.record_intent(intent)
        await unit.commit()
        return replace(context, execution=execution)

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

    def _nothing_ran(self, plan: PlanV1, context: RunContext, error: OpsConductorError) -> list[StepResult]:
        """Every step that was left failed before it began."""
        now = timestamp(self._clock.now())
        failure = StepError(code=error.code, message=error.message, next_step=error.next_step)
        done = {result.step_id for result in context.done}
        return [
            result
            for step in plan.steps
            if step.step_id not in done
            for result in not_run(step, step.targets or (None,), StepStatus.FAILED, now, error=failure)
        ]


def _this_leg(context: RunContext) -> Sequence[PlanStep]:
    """The steps that run before the next one that waits for a person's word; all of them where none does."""
    done = {result.step_id for result in context.done}
    left = [step for step in context.execution.plan.steps if step.step_id not in done]
    if context.confirmed is None:
        return left
    leg = []
    for step in in_order(left):
        if step.effect != Effect.READ and step.step_id not in context.confirmed:
            break
        leg.append(step)
    return leg


def _read_intents(execution: Execution, steps: Sequence[PlanStep], at: str) -> list[StepIntent]:
    return [
        StepIntent(
            execution_id=execution.execution_id,
            step_id=step.step_id,
            target_id=target.asset_id if target else "",
            target=target.name if target else "",
            tool=step.tool,
            attempt=1,
            at=at,
            owner=execution.owner,
            claim=execution.claim,
        )
        for step in steps
        if step.effect == Effect.READ
        for target in step.targets or (None,)
    ]


def _open_reads(context: RunContext, results: Sequence[StepResult]) -> tuple[StepResult, ...]:
    """Reads that were tried in this leg: their intents stand in the journal, their results do not yet."""
    reads = {step.step_id for step in context.execution.plan.steps if step.effect == Effect.READ}
    done = {(result.step_id, result.target_id) for result in context.done}
    return tuple(
        item
        for item in results
        if item.step_id in reads and item.attempts and (item.step_id, item.target_id) not in done
    )
