"""Settles what a dead process left open: its own journal, the probe's word, and nothing guessed."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

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
from opsconductor.ports.processes import Processes
from opsconductor.ports.storage import StepJournal, Storage
from opsconductor.stages.e_execute.approval_manager import start_reason
from opsconductor.stages.e_execute.calls import inputs_for, target_names
from opsconductor.stages.e_execute.executor import Executor
from opsconductor.stages.e_execute.journal import StepJournalWriter
from opsconductor.stages.e_execute.judgement import ProbeReading, settle
from opsconductor.stages.e_execute.probing import Prober
from opsconductor.stages.e_execute.run_context import RunContext

INTERRUPTED = StepError(code="execution.interrupted", message="The engine stopped while this was under way.")
PATIENCE_S = 10.0  # at most so long one effect is waited for, so that "not done" becomes certain
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
        processes: Processes,
        clock: Clock,
    ) -> None:
        self._storage = storage
        self._inventory = inventory
        self._prober = prober
        self._journal = journal
        self._executor = executor
        self._processes = processes
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
        if not await self._is_left_over(running[0], accepted):
            words = "The engine stopped while it worked on this request. Its plan runs by another decision."
            return ToolPhaseResult(refusal_code="execution.interrupted", refusal=words)
        decisions = approval.decisions if approval is not None else ()
        closing = await self.settle(running[0], catalogue, decisions)
        return ToolPhaseResult(plan=running[0].plan, execution=closing.result, closing=closing)

    async def _is_left_over(self, execution: Execution, accepted: AcceptedTurn) -> bool:
        """Whether this very turn started the execution, and nobody who lives works on it for another turn."""
        if execution.turn_id == accepted.turn_id:
            return True
        if execution.owner != accepted.owner and self._processes.is_alive(execution.owner):
            return False
        moves = await self._storage.moves(execution.tenant, execution.execution_id)
        return any(move.reason == start_reason(accepted.turn_id) for move in moves)

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
        reading, ended = None, False
        asset = assets.get(row.intent.target_id)
        if tool is not None and tool.digest == step.tool_digest and _is_same(target, asset):
            names: dict[str, Json] = {
                "input": inputs_for(step, tool, asset),
                "target": target_names(asset),
                "before": row.intent.before,
            }
            reading, ended = await self._read_back(run.execution.tenant, step, tool, asset, names, row)
        judgement = settle(reading, INTERRUPTED, ended=ended)
        result = self._told(step, target, judgement.status, judgement.error, judgement.note, row)
        await self._journal.conclude(run, result)
        return result

    async def _read_back(
        self,
        tenant: str,
        step: PlanStep,
        tool: Tool,
        asset: Asset | None,
        names: dict[str, Json],
        row: StepJournal,
    ) -> tuple[ProbeReading | None, bool]:
        """The probe's word, and whether the far side's time is up: a dead caller does not stop what it has begun."""
        settle_s = tool.probe.settle_s if tool.probe is not None else 0.0
        ends = datetime.fromisoformat(row.intent.at) + timedelta(milliseconds=step.timeout_ms, seconds=settle_s)
        began = self._clock.now()
        reading = await self._prober.probe(tenant, step, tool, asset, names)
        if began >= ends or reading is None or reading.verdict != "not_done":
            return reading, began >= ends
        left_s = (ends - self._clock.now()).total_seconds()
        if left_s > PATIENCE_S:
            return reading, False
        await self._clock.sleep(max(left_s, 0.0))
        return await self._prober.probe(tenant, step, tool, asset, names), True

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
