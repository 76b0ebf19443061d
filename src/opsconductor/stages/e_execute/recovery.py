"""Settles what a dead process left open: its own journal, the probe's word, and nothing guessed."""

from collections.abc import Mapping, Sequence

from opsconductor.domain.approvals import ApprovalDecision
from opsconductor.domain.assets import Asset
from opsconductor.domain.catalogue import Catalogue, Effect, Tool
from opsconductor.domain.errors import OpsConductorError
from opsconductor.domain.execution import (
    Attempt,
    Closing,
    Execution,
    ExecutionStatus,
    StepError,
    StepResult,
    StepStatus,
)
from opsconductor.domain.json_value import Json
from opsconductor.domain.plan import PlannedTarget, PlanStep, planned_target
from opsconductor.domain.turn import AcceptedTurn, ToolPhaseResult
from opsconductor.ports.clock import Clock, timestamp
from opsconductor.ports.inventory import Inventory
from opsconductor.ports.storage import StepJournal, Storage
from opsconductor.stages.e_execute.calls import inputs_for, target_names
from opsconductor.stages.e_execute.executor import Executor
from opsconductor.stages.e_execute.journal import StepJournalWriter
from opsconductor.stages.e_execute.judgement import settle
from opsconductor.stages.e_execute.probing import Prober
from opsconductor.stages.e_execute.run_context import RunContext

INTERRUPTED = StepError(code="execution.interrupted", message="The engine stopped while this was under way.")
NEVER_BEGAN = StepError(code="execution.interrupted", message="The engine stopped before this step began.")


class Recovery:
    """Brings one interrupted execution to its end without running any of it again."""

    def __init__(
        self,
        storage: Storage,
        inventory: Inventory,
        prober: Prober,
        journal: StepJournalWriter,
        executor: Executor,
        clock: Clock,
    ) -> None:
        self._storage = storage
        self._inventory = inventory
        self._prober = prober
        self._journal = journal
        self._executor = executor
        self._clock = clock

    async def settle_turn(self, accepted: AcceptedTurn, catalogue: Catalogue, storage: Storage) -> ToolPhaseResult:
        """P7's result for a turn that broke off: its execution's settled end, or that nothing was run."""
        approval = await storage.approval(accepted.tenant, accepted.approval_id) if accepted.approval_id else None
        running = [
            execution
            for execution in await storage.running_executions()
            if execution.tenant == accepted.tenant
            and (
                execution.turn_id == accepted.turn_id or (approval and execution.execution_id == approval.execution_id)
            )
        ]
        if not running:
            words = "The engine stopped while it worked on this request. Nothing was run; ask again."
            return ToolPhaseResult(refusal_code="execution.interrupted", refusal=words)
        decisions = approval.decisions if approval is not None else ()
        closing = await self.settle(running[0], catalogue, decisions)
        return ToolPhaseResult(plan=running[0].plan, execution=closing.result, closing=closing)

    async def settle(
        self, execution: Execution, catalogue: Catalogue, approvals: tuple[ApprovalDecision, ...] = ()
    ) -> Closing:
        """The execution's closing, for P11 to commit: each open effect by its probe, `unknown` without one."""
        run = RunContext(execution=execution, catalogue=catalogue, approvals=approvals, started=True)
        return await self._close(run, catalogue.tools, await self._assets(execution))

    async def settle_broken(self, run: RunContext) -> Closing | None:
        """The closing of a run that broke off in this very process: nothing is read back, open effects are `unknown`.

        None when the store does not have it running: nothing was run then. Raises `store.*`.
        """
        stored = await self._storage.execution(run.execution.tenant, run.execution.execution_id)
        if stored is None or stored.status is not ExecutionStatus.RUNNING:
            return None
        return await self._close(run, {}, {})

    async def _close(self, run: RunContext, tools: Mapping[str, Tool], assets: Mapping[str, Asset]) -> Closing:
        execution = run.execution
        rows = await self._storage.journal(execution.tenant, execution.execution_id)
        journal = {(row.intent.step_id, row.intent.target_id): row for row in rows}
        results: list[StepResult] = []
        for step in execution.plan.steps:
            tool = tools.get(step.tool)
            for target in step.targets or (None,):
                row = journal.get((step.step_id, target.asset_id if target else ""))
                results.append(await self._result(run, step, tool, target, row, assets))
        started_at = next((row.intent.at for row in rows), execution.created_at)
        return self._executor.close(run, results, started_at, None)

    async def _assets(self, execution: Execution) -> Mapping[str, Asset]:
        ids: Sequence[str] = sorted({target.asset_id for step in execution.plan.steps for target in step.targets})
        try:
            found = await self._inventory.assets(execution.tenant, ids) if ids else ()
        except OpsConductorError:
            return {}  # nothing can be read back then: open effects stay unknown
        return {asset.asset_id: asset for asset in found}

    async def _result(
        self,
        run: RunContext,
        step: PlanStep,
        tool: Tool | None,
        target: PlannedTarget | None,
        row: StepJournal | None,
        assets: Mapping[str, Asset],
    ) -> StepResult:
        if row is not None and row.result is not None:
            return row.result
        if row is None:
            return self._told(step, target, StepStatus.SKIPPED, NEVER_BEGAN, "", None)
        if step.effect == Effect.READ:
            return self._told(step, target, StepStatus.FAILED, INTERRUPTED, "", row)
        reading = None
        asset = assets.get(row.intent.target_id)
        if tool is not None and tool.digest == step.tool_digest and _is_same(target, asset):
            names: dict[str, Json] = {
                "input": inputs_for(step, tool, asset),
                "target": target_names(asset),
                "before": row.intent.before,
            }
            reading = await self._prober.probe(run.execution.tenant, step, tool, asset, names)
        judgement = settle(reading, INTERRUPTED)
        result = self._told(step, target, judgement.status, judgement.error, judgement.note, row)
        await self._journal.conclude(run, result)
        return result

    def _told(
        self,
        step: PlanStep,
        target: PlannedTarget | None,
        status: StepStatus,
        error: StepError | None,
        note: str,
        row: StepJournal | None,
    ) -> StepResult:
        from_journal = row.intent if row is not None else None
        now = timestamp(self._clock.now())
        return StepResult(
            step_id=step.step_id,
            tool=step.tool,
            target=target.name if target else "",
            target_id=target.asset_id if target else "",
            status=status,
            attempts=_attempts(row, now),
            started_at=from_journal.at if from_journal else now,
            completed_at=now,
            duration_s=None,
            error=error,
            note=note,
        )


def _is_same(target: PlannedTarget | None, asset: Asset | None) -> bool:
    """Whether the inventory's entry still leads to what the effect was sent to."""
    if target is None or asset is None:
        return target is None
    return not target.reach or planned_target(asset) == target


def _attempts(row: StepJournal | None, now: str) -> tuple[Attempt, ...]:
    if row is None:
        return ()
    intent = row.intent
    return (Attempt(number=intent.attempt, started_at=intent.at, completed_at=now, before=intent.before),)
