"""Executions that the store has running although their process is dead and no open turn will tell their end."""

from opsconductor.domain.audit import AuditEntry
from opsconductor.domain.catalogue import Catalogue
from opsconductor.domain.errors import Conflict
from opsconductor.domain.execution import Closing, Execution
from opsconductor.ports.clock import Clock, timestamp
from opsconductor.ports.processes import Processes
from opsconductor.ports.storage import Storage
from opsconductor.stages.e_execute.recovery import Recovery


class Orphans:
    """Settles them as recovery settles a turn's execution, and stores the end at once."""

    def __init__(self, storage: Storage, recovery: Recovery, processes: Processes, clock: Clock) -> None:
        self._storage = storage
        self._recovery = recovery
        self._processes = processes
        self._clock = clock

    async def settle(self, catalogue: Catalogue) -> tuple[tuple[Execution, Closing], ...]:
        """Each orphan with its closing, as stored. Raises `store.*`; one that somebody else settled is passed over."""
        awaited = {accepted.session_id for accepted in await self._storage.open_turns()}
        settled = []
        for execution in await self._storage.running_executions():
            if execution.session_id in awaited or self._processes.is_alive(execution.owner):
                continue
            closing = await self._recovery.settle(execution, catalogue)
            try:
                await self._store(execution, closing)
            except Conflict:
                continue
            settled.append((execution, closing))
        return tuple(settled)

    async def _store(self, execution: Execution, closing: Closing) -> None:
        unit = self._storage.begin()
        for result in closing.results:
            unit.record_result(execution.execution_id, result, result.attempts[-1].number)
        unit.save_result(execution.execution_id, closing.result)
        unit.move_execution(closing.move)
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
