"""The locks of the sessions whose turns are under way: waited for, and renewed for as long as a turn takes."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass

from opsconductor.domain.errors import Conflict, OpsConductorError, bare
from opsconductor.ports.clock import Clock
from opsconductor.ports.processes import Processes
from opsconductor.ports.storage import Storage, UnitOfWork

SESSION_LEASE_S = 30.0
RENEW_EVERY_S = 10.0
LOCK_POLL_S = 0.02


@dataclass(frozen=True, kw_only=True)
class SessionLock:
    """A session, and the turn that has it: the lock's owner is the process with the turn."""

    tenant: str
    session_id: str
    owner: str


class SessionLocks:
    """The locks that turns of this process take. A lost one is P11's to notice, by its condition."""

    def __init__(self, storage: Storage, processes: Processes, clock: Clock) -> None:
        self._storage = storage
        self._processes = processes
        self._clock = clock
        self._held: set[SessionLock] = set()

    def of(self, tenant: str, session_id: str, turn_id: str) -> SessionLock:
        """The lock that a turn of this process needs."""
        return SessionLock(tenant=tenant, session_id=session_id, owner=f"{self._processes.me}/{turn_id}")

    def take(self, lock: SessionLock, unit: UnitOfWork, instead_of: str = "") -> None:
        """Take the lock, or renew it, with the commit of `unit`."""
        unit.take_session(lock.tenant, lock.session_id, lock.owner, SESSION_LEASE_S, instead_of)

    async def wait_for(self, lock: SessionLock) -> None:
        """Take the lock as soon as it is free. Raises `session.busy` when the patience is over."""
        deadline = self._clock.monotonic() + SESSION_LEASE_S
        while True:
            unit = self._storage.begin()
            self.take(lock, unit)
            try:
                await unit.commit()
                return
            except Conflict as busy:
                if busy.code != "session.busy" or self._clock.monotonic() >= deadline:
                    raise
            await self._clock.sleep(LOCK_POLL_S)

    async def take_over(self, lock: SessionLock) -> None:
        """Take the lock from whoever died with it, be it one that took it over before.

        Raises `session.busy` at once when a process that lives has it.
        """
        holder = ""
        while True:
            unit = self._storage.begin()
            self.take(lock, unit, instead_of=holder)
            try:
                await unit.commit()
                return
            except Conflict as busy:
                found = str(busy.facts.get("holder", ""))
                if busy.code != "session.busy" or found == holder or self._processes.is_alive(found.partition("/")[0]):
                    raise
                holder = found

    async def release(self, lock: SessionLock) -> None:
        """Give the lock back."""
        unit = self._storage.begin()
        unit.release_session(lock.tenant, lock.session_id, lock.owner)
        await unit.commit()

    @contextmanager
    def holding(self, lock: SessionLock) -> Iterator[None]:
        """Have the lock renewed for as long as the block runs, while `renewing` does."""
        self._held.add(lock)
        try:
            yield
        finally:
            self._held.discard(lock)

    @asynccontextmanager
    async def renewing(self) -> AsyncIterator[None]:
        """Renew what is held again and again, for as long as the block runs: one task for all turns."""
        try:
            async with asyncio.TaskGroup() as group:
                renewal = group.create_task(self._renew())
                try:
                    yield
                finally:
                    renewal.cancel()
        except BaseExceptionGroup as wrapped:
            raise bare(wrapped) from None

    async def _renew(self) -> None:
        while True:
            await self._clock.pause(RENEW_EVERY_S)
            async with asyncio.TaskGroup() as group:
                for lock in self._held:
                    group.create_task(self._renew_one(lock))

    async def _renew_one(self, lock: SessionLock) -> None:
        unit = self._storage.begin()
        self.take(lock, unit)
        with suppress(OpsConductorError):  # the store is away for a moment; the next renewal may still be in time
            try:
                await unit.commit()
            except Conflict:
                self._held.discard(lock)
