"""Settles what a dead or stopped process left open: its own journal, the probe's word, and nothing guessed."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace

from opsconductor.domain.approvals import ApprovalDecision
from opsconductor.domain.audit import AuditEntry
from opsconductor.domain.catalogue import Catalogue, Effect
from opsconductor.domain.errors import bare
from opsconductor.domain.execution import (
    Attempt,
    Closing,
    Execution,
    ExecutionStatus,
    StepError,
    StepResult,
    StepStatus,
)
from opsconductor.domain.plan import PlannedTarget, PlanStep
from opsconductor.domain.states import TERMINAL
from opsconductor.domain.step_ids import UNDO
from opsconductor.domain.turn import AcceptedTurn, ToolPhaseResult
from opsconductor.ports.clock import Clock, timestamp
from opsconductor.ports.inventory import Inventory
from opsconductor.ports.processes import Processes
from opsconductor.ports.storage import StepJournal, Storage
from opsconductor.stages.e_execute.approval_manager import start_reason
from opsconductor.stages.e_execute.executor import Executor
from opsconductor.stages.e_execute.settling.lease import LEASE_S, Leases, lost
from opsconductor.stages.e_execute.settling.proof import Attempted, Proof, Prover
from opsconductor.stages.e_execute.steps.attempts import Place, assets_of, attempted, newest
from opsconductor.stages.e_execute.steps.ended_early import decisions_of
from opsconductor.stages.e_execute.steps.journal import StepJournalWriter
from opsconductor.stages.e_execute.steps.judgement import settle
from opsconductor.stages.e_execute.steps.not_run import not_run
from opsconductor.stages.e_execute.steps.probing import Prober
from opsconductor.stages.e_execute.steps.progress import CANCELLED
from opsconductor.stages.e_execute.steps.run_context import RunContext
from opsconductor.stages.e_execute.steps.undo_runner import compensated

INTERRUPTED = StepError(code="execution.interrupted", message="The engine stopped while this was under way.")
NEVER_BEGAN = StepError(code="execution.interrupted", message="The engine stopped before this step began.")
PATIENCE_S = 3.0
"""So long the open effects of one execution are looked at before it is told; the second look goes on from there."""


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
        self._journal = journal
        self._executor = executor
        self._processes = processes
        self._clock = clock
        self._leases = Leases(storage, clock)
        self.prover = Prover(storage, prober, processes, clock)

    async def settle_turn(self, accepted: AcceptedTurn, catalogue: Catalogue, storage: Storage) -> ToolPhaseResult:
        """P7's result for a turn that broke off: its execution's settled end, or that nothing was run.

        Raises `execution.fenced` while somebody else settles the execution.
        """
        approval = await storage.approval(accepted.tenant, accepted.approval_id) if accepted.approval_id else None
        execution = await self._of_turn(accepted, approval.execution_id if approval is not None else "")
        if execution is None:
            words = "The engine stopped while it worked on this request. Nothing was run; ask again."
            return ToolPhaseResult(refusal_code="execution.interrupted", refusal=words)
        if execution.status in TERMINAL:
            return ToolPhaseResult(plan=execution.plan, execution=execution.result)
        if not await self._is_started_by(execution, accepted):
            words = "The engine stopped while it worked on this request. Its plan runs by another decision."
            return ToolPhaseResult(refusal_code="execution.interrupted", refusal=words)
        if execution.owner == accepted.owner == self._processes.me:
            self.prover.run_is_over(execution.execution_id)
        elif not await self.is_left_over(execution):
            raise lost(execution)
        closing = await self.settle(execution, catalogue, approval.decisions if approval is not None else ())
        return ToolPhaseResult(plan=execution.plan, execution=closing.result, closing=closing)

    async def _of_turn(self, accepted: AcceptedTurn, approved_id: str) -> Execution | None:
        """The execution that the turn works on or worked on: running, or settled by somebody else meanwhile."""
        if approved_id:
            execution = await self._storage.execution(accepted.tenant, approved_id)
            if execution is None or execution.status is ExecutionStatus.RUNNING:
                return execution
            mine = execution.status in TERMINAL and await self._is_started_by(execution, accepted)
            return execution if mine and execution.result is not None else None
        group = await self._storage.executions_of_group(accepted.tenant, accepted.turn_group or accepted.turn_id)
        mine_too = [one for one in group if one.turn_id == accepted.turn_id]
        told = [one for one in mine_too if one.status is ExecutionStatus.RUNNING or one.result is not None]
        return told[-1] if told else None

    async def _is_started_by(self, execution: Execution, accepted: AcceptedTurn) -> bool:
        """Whether this very turn started the execution."""
        if execution.turn_id == accepted.turn_id:
            return True
        moves = await self._storage.moves(execution.tenant, execution.execution_id)
        return any(move.reason == start_reason(accepted.turn_id) for move in moves)

    async def is_left_over(self, execution: Execution) -> bool:
        """Whether nobody works on it any more: its owner is dead, or has not renewed its lease, wherever it is."""
        if not self._processes.is_alive(execution.owner):
            return True
        abandoned = await self._storage.abandoned_executions()
        return any(one.execution_id == execution.execution_id for one in abandoned)

    async def settle(
        self, execution: Execution, catalogue: Catalogue, approvals: tuple[ApprovalDecision, ...] = ()
    ) -> Closing:
        """Take the run over and close it, for P11 to commit: each open effect by its probe, `unknown` without proof.

        What its former owner writes from here on is refused. Raises `execution.fenced` when somebody else was faster.
        """
        since = self._clock.monotonic()
        claimed = await self._take_over(execution)
        decisions = approvals or await decisions_of(self._storage, execution)
        run = RunContext(execution=claimed, catalogue=catalogue, approvals=decisions, started=True)
        async with self._leases.holding_run(claimed, since):
            return await self._close(run, self._clock.monotonic() + PATIENCE_S)

    async def settle_broken(self, run: RunContext) -> Closing | None:
        """The closing of a run that broke off in this very process: nothing is read back, open effects are `unknown`.

        None when the store does not have it running: nothing was run then. Raises `store.*`, and `execution.fenced`
        when somebody else has it, or has brought it to its end.
        """
        stored = await self._storage.execution(run.execution.tenant, run.execution.execution_id)
        if stored is None or stored.status is ExecutionStatus.AWAITING_APPROVAL:
            return None
        claim = run.execution.claim if run.started else run.execution.claim + 1
        if stored.status is not ExecutionStatus.RUNNING or stored.claim != claim:
            raise lost(stored)
        self.prover.run_is_over(stored.execution_id)
        return await self._close(replace(run, execution=stored), None)

    async def ended_elsewhere(self, run: RunContext) -> Execution | None:
        """The run as somebody else has brought it to its end after this process had lost it. Raises `store.*`."""
        stored = await self._storage.execution(run.execution.tenant, run.execution.execution_id)
        return stored if stored is not None and stored.status in TERMINAL and stored.result is not None else None

    async def _take_over(self, execution: Execution) -> Execution:
        unit = self._storage.begin()
        unit.claim_execution(execution.execution_id, self._processes.me, LEASE_S, expected_claim=execution.claim)
        unit.append_audit(
            AuditEntry(
                tenant=execution.tenant,
                at=timestamp(self._clock.now()),
                actor="system",
                action="execution.taken_over",
                subject=execution.execution_id,
                detail={"from": execution.owner, "claim": execution.claim + 1},
            )
        )
        await unit.commit()
        return replace(execution, owner=self._processes.me, claim=execution.claim + 1)

    async def _close(self, run: RunContext, until: float | None) -> Closing:
        """The closing; open effects are read back until then, by the clock's monotonic time, or not at all."""
        execution = run.execution
        journal = await self._storage.journal(execution.tenant, execution.execution_id)
        rows = newest(journal)
        settled = await self._settle_open(run, rows, until)
        results: list[StepResult] = []
        for step in execution.plan.steps:
            places = [(step.step_id, target.asset_id if target else "") for target in step.targets or (None,)]
            for place, target in zip(places, step.targets or (None,), strict=True):
                results.append(settled.get(place) or self._not_settled(run, step, target, rows.get(place)))
            results.extend(
                settled[step_id + UNDO, name] for step_id, name in places if (step_id + UNDO, name) in settled
            )
        started_at = next((row.intent.at for row in journal), execution.created_at)
        recorded = tuple(row.result for row in rows.values() if row.result is not None)
        return self._executor.close(replace(run, done=recorded), results, started_at, None)

    async def _settle_open(
        self, run: RunContext, rows: Mapping[Place, StepJournal], until: float | None
    ) -> dict[Place, StepResult]:
        """Every recorded result, and those of the open effects, which are read back at the same time and recorded."""
        changing = {step.step_id for step in run.execution.plan.steps if step.effect != Effect.READ}
        settled = {place: row.result for place, row in rows.items() if row.result is not None}
        open_places = [
            place
            for place, row in rows.items()
            if row.result is None and (place[0] in changing or place[0].endswith(UNDO))
        ]
        assets = await assets_of(self._inventory, run.execution) if open_places and until is not None else {}
        tries = {place: attempted(run.execution, rows[place], rows, run.catalogue, assets) for place in open_places}
        try:
            async with asyncio.TaskGroup() as group:
                looks = {place: group.create_task(self._prove(one, until)) for place, one in tries.items()}
        except BaseExceptionGroup as wrapped:
            raise bare(wrapped) from None
        for place, look in looks.items():
            proof = look.result()
            judgement = settle(proof.reading, INTERRUPTED, ended=proof.ended)
            result = self._told(rows[place], judgement.status, judgement.error, judgement.note)
            effect = settled.get((place[0].removesuffix(UNDO), place[1])) if place[0].endswith(UNDO) else None
            undone = None
            if effect is not None and effect.status is StepStatus.SUCCEEDED and result.status is StepStatus.SUCCEEDED:
                undone = compensated(effect, result)
                settled[effect.step_id, effect.target_id] = undone
            await self._journal.conclude(run, result, taken_back=undone)
            settled[place] = result
        return settled

    async def _prove(self, one: Attempted | None, until: float | None) -> Proof:
        return Proof() if one is None or until is None else await self.prover.prove(one, until)

    def _not_settled(
        self, run: RunContext, step: PlanStep, target: PlannedTarget | None, row: StepJournal | None
    ) -> StepResult:
        """A step that never began, or a read that was under way: it has changed nothing."""
        if row is not None:
            return self._told(row, StepStatus.FAILED, INTERRUPTED, "")
        error = CANCELLED if run.execution.cancelled_by else NEVER_BEGAN
        now = timestamp(self._clock.now())
        return not_run(step, (target,), StepStatus.SKIPPED, now, error=error)[0]

    def _told(self, row: StepJournal, status: StepStatus, error: StepError | None, note: str) -> StepResult:
        intent, now = row.intent, timestamp(self._clock.now())
        return StepResult(
            step_id=intent.step_id,
            tool=intent.tool,
            target=intent.target,
            target_id=intent.target_id,
            status=status,
            attempts=_attempts(row, now),
            started_at=intent.at,
            completed_at=now,
            duration_s=None,
            error=error,
            note=note,
        )


def _attempts(row: StepJournal, now: str) -> tuple[Attempt, ...]:
    intent = row.intent
    return (Attempt(number=intent.attempt, started_at=intent.at, completed_at=now, before=intent.before),)
