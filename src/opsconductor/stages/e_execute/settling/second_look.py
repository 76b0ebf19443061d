"""Looks again at executions that were left unknown because something might still have acted."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

from opsconductor.domain.catalogue import Catalogue
from opsconductor.domain.errors import Conflict, bare
from opsconductor.domain.execution import Execution, StepError, StepResult, StepStatus
from opsconductor.ports.clock import Clock, timestamp
from opsconductor.ports.inventory import Inventory
from opsconductor.ports.storage import StepJournal, Storage
from opsconductor.stages.e_execute.settling.proof import Attempted, Proof, Prover
from opsconductor.stages.e_execute.settling.settlement import Settlement
from opsconductor.stages.e_execute.steps.attempts import assets_of, attempted, newest
from opsconductor.stages.e_execute.steps.judgement import settle

AT_ONCE = 20
SOONEST_S = 1.0
LATER_S = 5.0
"""When the far side's time is up and it still gives no proof: it may be away, or the former owner may stand still."""
LOOK_FOR = timedelta(minutes=15)
"""After that a reading says nothing about this attempt any more: a person has to settle it."""
NOT_DONE = StepError(code="execution.interrupted", message="The engine stopped, or got no answer, before it happened.")


class SecondLook:
    """Settles by the probe what recovery, or a run that got no answer, had to leave unknown."""

    def __init__(self, storage: Storage, inventory: Inventory, prover: Prover, clock: Clock) -> None:
        self._storage = storage
        self._inventory = inventory
        self._prover = prover
        self._clock = clock
        self._settlement = Settlement(storage, clock)

    async def settle_due(self, catalogue: Catalogue) -> tuple[Execution, ...]:
        """Those that are not unknown any more, as stored. Raises `store.*`; what somebody else settles is passed
        over."""
        due = await self._storage.unknown_executions_due(AT_ONCE)
        try:
            async with asyncio.TaskGroup() as group:
                looks = [group.create_task(self._look(execution, catalogue)) for execution in due]
        except BaseExceptionGroup as wrapped:
            raise bare(wrapped) from None
        return tuple(settled for look in looks if (settled := look.result()) is not None)

    async def _look(self, execution: Execution, catalogue: Catalogue) -> Execution | None:
        rows = newest(await self._storage.journal(execution.tenant, execution.execution_id))
        unknown = [row for row in rows.values() if row.result is not None and row.result.status is StepStatus.UNKNOWN]
        assets = await assets_of(self._inventory, execution)
        known: list[StepResult] = []
        again: list[float] = []
        for row in unknown:
            one = attempted(execution, row, rows, catalogue, assets)
            if one is None or one.tool is None or one.tool.probe is None or self._is_too_late(row):
                continue
            was_closed = row.intent.claim == execution.claim  # its own run ended and said so; it sends nothing more
            proof = await self._prover.prove(one, self._clock.monotonic(), was_closed=was_closed)
            result = self._judged(row, proof)
            if result is not None:
                known.append(result)
            elif proof.may_change or not one.can_be_read_back:
                again.append(self._wait_s(one))
        try:
            if unknown and not known:
                await self._put_off(execution, min(again, default=None))
                return None
            stored = await self._settlement.settle(
                execution,
                known,
                actor="system",
                action="step.settled",
                reason="read back later",
                again_s=min(again, default=None),
            )
        except Conflict:
            return None
        return stored if stored.status is not execution.status else None

    async def _put_off(self, execution: Execution, again_s: float | None) -> None:
        unit = self._storage.begin()
        unit.look_again(execution.execution_id, again_s)
        await unit.commit()

    def _judged(self, row: StepJournal, proof: Proof) -> StepResult | None:
        """The result that the proof gives, or None when there is none yet."""
        judgement = settle(proof.reading, NOT_DONE, ended=proof.ended)
        if row.result is None or judgement.status is StepStatus.UNKNOWN:
            return None
        now = timestamp(self._clock.now())
        note = f"{judgement.note} It was read back later, at {now}."
        return replace(
            row.result, status=judgement.status, error=judgement.error, note=note, completed_at=now, duration_s=None
        )

    def _wait_s(self, one: Attempted) -> float:
        left_s = (one.ends - self._clock.now()).total_seconds()
        return max(left_s, SOONEST_S) if left_s > 0 else LATER_S

    def _is_too_late(self, row: StepJournal) -> bool:
        return self._clock.now() > datetime.fromisoformat(row.intent.at) + LOOK_FOR
