"""Executions that the store has running although nobody works on them, and no turn will tell their end."""

import asyncio

from opsconductor.domain.audit import AuditEntry
from opsconductor.domain.catalogue import Catalogue
from opsconductor.domain.errors import Conflict, bare
from opsconductor.domain.execution import Closing, Execution
from opsconductor.ports.clock import Clock, timestamp
from opsconductor.ports.processes import Processes
from opsconductor.ports.storage import Storage
from opsconductor.stages.e_execute.settling.recovery import Recovery

AT_ONCE = 8


class Orphans:
    """Settles them as recovery settles a turn's execution, and stores the end at once."""

    def __init__(self, storage: Storage, recovery: Recovery, processes: Processes, clock: Clock) -> None:
        self._storage = storage
        self._recovery = recovery
        self._processes = processes
        self._clock = clock

    async def settle(self, catalogue: Catalogue) -> tuple[tuple[Execution, Closing], ...]:
        """Each orphan with its closing, as stored. Raises `store.*`; one that somebody else settles is passed over."""
        places = asyncio.Semaphore(AT_ONCE)
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [
                    group.create_task(self._settle_one(execution, catalogue, places))
                    for execution in await self._left_over()
                ]
        except BaseExceptionGroup as wrapped:
            raise bare(wrapped) from None
        return tuple(done for task in tasks if (done := task.result()) is not None)

    async def _left_over(self) -> list[Execution]:
        """Those whose owner is dead, or has let its lease run out: it may stand still, or live on another machine.

        A turn that broke off, or that this very process works on, tells the end of its own execution; one whose process
        only stands still tells nothing.
        """
        turns = await self._storage.open_turns()
        living = {turn.session_id for turn in turns if self._processes.is_alive(turn.owner)}
        dead = {turn.session_id for turn in turns} - living
        mine = {turn.session_id for turn in turns if turn.owner == self._processes.me}
        abandoned = {one.execution_id for one in await self._storage.abandoned_executions()}
        found = []
        for execution in await self._storage.running_executions():
            under_way_here = execution.owner == self._processes.me and execution.session_id in mine
            if execution.session_id in dead or under_way_here:
                continue
            is_dead = not self._processes.is_alive(execution.owner) and execution.session_id not in living
            if is_dead or execution.execution_id in abandoned:
                found.append(execution)
        return found

    async def _settle_one(
        self, execution: Execution, catalogue: Catalogue, places: asyncio.Semaphore
    ) -> tuple[Execution, Closing] | None:
        async with places:
            try:
                closing = await self._recovery.settle(execution, catalogue)
                await self._store(execution, closing)
            except Conflict:
                return None
            return execution, closing

    async def _store(self, execution: Execution, closing: Closing) -> None:
        unit = self._storage.begin()
        for result in closing.results:
            unit.record_result(execution.execution_id, result, result.attempts[-1].number, claim=closing.claim)
        unit.save_result(execution.execution_id, closing.result)
        unit.move_execution(closing.move, claim=closing.claim)
        unit.append_audit(
            AuditEntry(
                tenant=execution.tenant,
                at=timestamp(self._clock.now()),
                actor="system",
                action="execution.settled",
                subject=execution.execution_id,
                detail={"status": closing.result.status.value, "summary": closing.result.summary},
            )
        )
        await unit.commit()
