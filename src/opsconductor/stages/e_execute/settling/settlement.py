"""Makes unknown outcomes known: by a later look, by the late word of a former owner, or by a person's."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace

from opsconductor.domain.audit import AuditEntry
from opsconductor.domain.errors import Conflict, NotFound
from opsconductor.domain.execution import (
    Execution,
    ExecutionMove,
    ExecutionResultV1,
    ExecutionStatus,
    StepResult,
    StepStatus,
)
from opsconductor.domain.json_value import Json
from opsconductor.domain.step_ids import planned_id, undoes
from opsconductor.ports.clock import Clock, timestamp
from opsconductor.ports.storage import Storage, UnitOfWork
from opsconductor.stages.e_execute.result_aggregator import aggregate
from opsconductor.stages.e_execute.settling.proof import is_changed_by_others
from opsconductor.stages.e_execute.steps.attempts import newest
from opsconductor.stages.e_execute.steps.undo_runner import compensated

LATE_PATIENCE_S = 15.0
LOOK_EVERY_S = 0.5
_ENDS = (ExecutionStatus.SUCCEEDED, ExecutionStatus.FAILED, ExecutionStatus.PARTIAL)
_KNOWN = (StepStatus.SUCCEEDED, StepStatus.FAILED)


class Settlement:
    """The only place that changes what an ended execution came to. Each change is audited with who and why."""

    def __init__(self, storage: Storage, clock: Clock) -> None:
        self._storage = storage
        self._clock = clock

    async def settle(
        self,
        execution: Execution,
        results: Sequence[StepResult],
        *,
        actor: str,
        action: str,
        reason: str,
        again_s: float | None = None,
        beside: Callable[[UnitOfWork], None] = lambda unit: None,
    ) -> Execution:
        """Record these results in place of unknown ones; the execution as stored afterwards.

        When nothing is unknown any more, it moves to what all results together say; else it is looked at again after
        `again_s`, or never. `beside` adds to the same unit of work. Raises `execution.not_unknown` when somebody was
        faster, and `store.*`.
        """
        told = await self._with(execution, results)
        status = _end(told.status)
        unit = self._storage.begin()
        beside(unit)
        for result in results:
            unit.settle_result(execution.execution_id, result, result.attempts[-1].number)
            undone = next((one for one in told.step_results if _is_undone_by(one, result)), None)
            if undone is not None:
                unit.settle_result(execution.execution_id, undone, undone.attempts[-1].number)
            detail: dict[str, Json] = {"step": result.step_id, "target": result.target, "tool": result.tool}
            detail |= {"attempt": result.attempts[-1].number, "outcome": result.status.value, "reason": reason}
            unit.append_audit(self._audit(execution, actor, action, detail))
        unit.save_result(execution.execution_id, replace(told, status=status))
        if status is ExecutionStatus.UNKNOWN:
            unit.look_again(execution.execution_id, again_s)
        else:
            unit.move_execution(self._move(execution, status, actor, f"{reason}: {told.summary}"))
        await unit.commit()
        return await self._finished(execution, actor, reason)

    async def tell_late(self, execution: Execution, result: StepResult, *, read_back: bool) -> None:
        """What a former owner saw, whose write was refused: it stands in the audit, and settles what is unknown.

        It waits a while for whoever has taken the run over to bring it to its end. What was only `read_back`, and not
        told by the far side, settles nothing once others have changed the target: it may be theirs that was seen.
        """
        unit = self._storage.begin()
        detail: dict[str, Json] = {"step": result.step_id, "target": result.target, "tool": result.tool}
        detail |= {"outcome": result.status.value, "note": result.note, "claim": execution.claim}
        unit.append_audit(self._audit(execution, execution.requester, "step.late_result", detail))
        await unit.commit()
        last = self._clock.monotonic() + LATE_PATIENCE_S
        while (stored := await self._stored(execution)).status is ExecutionStatus.RUNNING:
            if self._clock.monotonic() >= last:
                return
            await self._clock.sleep(LOOK_EVERY_S)
        if stored.status is not ExecutionStatus.UNKNOWN or result.status not in _KNOWN:
            return
        if read_back and await is_changed_by_others(
            self._storage, execution.tenant, execution.execution_id, result.target_id, result.tool
        ):
            return
        note = f"{result.note} Told late by the process that ran it.".strip()
        try:
            await self.settle(
                stored,
                (replace(result, note=note),),
                actor="system",
                action="step.settled",
                reason="the process that ran it told late what it saw",
            )
        except Conflict:
            return  # it was not this one that was unknown, or somebody has settled it

    async def _with(self, execution: Execution, results: Sequence[StepResult]) -> ExecutionResultV1:
        """The execution's result with these, and with what others have settled since it was saved."""
        rows = newest(await self._storage.journal(execution.tenant, execution.execution_id))
        known = {place: row.result for place, row in rows.items() if row.result is not None}
        known |= {(result.step_id, result.target_id): result for result in results}
        before = execution.result
        told = []
        for one in before.step_results if before is not None else tuple(known.values()):
            now = known.get((one.step_id, one.target_id), one)
            told.append(now if one.status is StepStatus.UNKNOWN else one)
        told = [_compensated(one, told) for one in told]
        return aggregate(
            execution,
            told,
            before.approvals if before is not None else (),
            (before.started_at if before is not None else None) or execution.created_at,
            timestamp(self._clock.now()),
            before.duration_s if before is not None else None,
        )

    async def _finished(self, execution: Execution, actor: str, reason: str) -> Execution:
        """The execution as stored; closed here when two settled its last steps at the same time."""
        stored = await self._stored(execution)
        told = await self._with(stored, ())
        if stored.status is not ExecutionStatus.UNKNOWN or told.status is ExecutionStatus.UNKNOWN:
            return stored
        status = _end(told.status)
        unit = self._storage.begin()
        unit.save_result(execution.execution_id, replace(told, status=status))
        unit.move_execution(self._move(execution, status, actor, f"{reason}: {told.summary}"))
        with suppress(Conflict):  # the other one has closed it
            await unit.commit()
        return await self._stored(execution)

    async def _stored(self, execution: Execution) -> Execution:
        stored = await self._storage.execution(execution.tenant, execution.execution_id)
        if stored is None:
            raise NotFound("execution.not_found", f"There is no execution {execution.execution_id}.")
        return stored

    def _move(self, execution: Execution, status: ExecutionStatus, actor: str, reason: str) -> ExecutionMove:
        return ExecutionMove(
            execution_id=execution.execution_id,
            source=ExecutionStatus.UNKNOWN,
            target=status,
            actor=actor,
            at=timestamp(self._clock.now()),
            reason=reason,
        )

    def _audit(self, execution: Execution, actor: str, action: str, detail: dict[str, Json]) -> AuditEntry:
        return AuditEntry(
            tenant=execution.tenant,
            at=timestamp(self._clock.now()),
            actor=actor,
            action=action,
            subject=execution.execution_id,
            detail=detail,
        )


def _end(status: ExecutionStatus) -> ExecutionStatus:
    """The state for what all results say: an execution whose outcome was unknown did run, so it has failed at worst."""
    return status if status in (*_ENDS, ExecutionStatus.UNKNOWN) else ExecutionStatus.FAILED


def _is_undone_by(effect: StepResult, undo: StepResult) -> bool:
    """Whether the told effect is one that this undo has taken back."""
    mine = effect.target_id == undo.target_id and effect.step_id == planned_id(undo.step_id)
    return mine and undoes(undo.step_id) and effect.status is StepStatus.COMPENSATED


def _compensated(effect: StepResult, told: Sequence[StepResult]) -> StepResult:
    """The effect, taken back when its undo is told to have succeeded."""
    if effect.status is not StepStatus.SUCCEEDED or undoes(effect.step_id):
        return effect
    for undo in told:
        of_it = undoes(undo.step_id) and planned_id(undo.step_id) == effect.step_id
        if of_it and undo.target_id == effect.target_id and undo.status is StepStatus.SUCCEEDED:
            return compensated(effect, undo)
    return effect
