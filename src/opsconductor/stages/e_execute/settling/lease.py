"""Who runs an execution holds it: a lease by the store's clock, renewed while the run lasts, and how a loss is told."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from opsconductor.domain.errors import Conflict, OpsConductorError, bare
from opsconductor.domain.execution import Execution
from opsconductor.ports.clock import Clock
from opsconductor.ports.storage import Storage, UnitOfWork

LEASE_S = 15.0
"""So long a claim holds without being renewed."""
RENEW_EVERY_S = 5.0
TRY_AGAIN_S = 1.0
"""When the store did not take a renewal."""


class HeldRun:
    """A run as its owner holds it. `check` comes directly before anything is sent: who woke up late sends nothing."""

    def __init__(self, execution: Execution, clock: Clock, since: float | None = None) -> None:
        """`execution` as claimed; `since` is the clock's monotonic time before the claim was committed."""
        self._execution = execution
        self._clock = clock
        self._is_lost = False
        self._since = clock.monotonic() if since is None else since
        self._at = clock.now()

    @property
    def claim(self) -> int:
        """Under which everything of this run is written."""
        return self._execution.claim

    @property
    def is_lost(self) -> bool:
        """Whether somebody else has the run, or may have: the lease is over by this process's own clocks.

        Wall time counts too, since it goes on while a machine sleeps; a clock that is set forward only loses the run.
        """
        wall_s = (self._clock.now() - self._at).total_seconds()
        return self._is_lost or max(self._clock.monotonic() - self._since, wall_s) >= LEASE_S

    def check(self) -> None:
        """Raise `execution.fenced` once the run is lost; nothing may be sent or begun then."""
        if self.is_lost:
            raise lost(self._execution)

    def renew(self, unit: UnitOfWork) -> None:
        """Renew the lease with the commit of `unit`, which is refused with `execution.fenced` when it is over."""
        unit.renew_lease(self._execution.execution_id, self._execution.owner, self._execution.claim, LEASE_S)

    def renewed(self, since: float) -> None:
        """The lease was renewed by a commit that began at `since`, the clock's monotonic time."""
        if since > self._since:
            self._at = self._clock.now() - timedelta(seconds=self._clock.monotonic() - since)
            self._since = since

    def lose(self) -> None:
        """The store has said that the run is not ours any more."""
        self._is_lost = True


class Leases:
    """Keeps the leases of the runs of this process."""

    def __init__(self, storage: Storage, clock: Clock) -> None:
        self._storage = storage
        self._clock = clock

    @asynccontextmanager
    async def holding_run(self, execution: Execution, since: float | None = None) -> AsyncIterator[HeldRun]:
        """Renew the lease of `execution`, every RENEW_EVERY_S, for as long as the block runs.

        `execution` carries the claim and the owner under which it was claimed with LEASE_S, in the unit of work that
        started it: `unit.claim_execution(id, processes.me, LEASE_S, expected_claim=execution.claim)`, which makes the
        claim one higher. What the block writes carries that claim. A renewal that the store refuses loses the run:
        from then on `held.check()` raises `execution.fenced`, as the store does for every write of the run. The block
        is not broken off, since what is under way has to be read back and told. One that the store cannot take is
        tried again until the lease is over.
        """
        held = HeldRun(execution, self._clock, since)
        try:
            async with asyncio.TaskGroup() as group:
                renewal = group.create_task(self._renew(held))
                try:
                    yield held
                finally:
                    renewal.cancel()
        except BaseExceptionGroup as wrapped:
            raise bare(wrapped) from None

    async def _renew(self, held: HeldRun) -> None:
        pause_s = RENEW_EVERY_S
        while True:
            await self._clock.pause(pause_s)
            since = self._clock.monotonic()
            unit = self._storage.begin()
            held.renew(unit)
            try:
                await unit.commit()
            except Conflict:
                held.lose()
                return
            except OpsConductorError:
                pause_s = TRY_AGAIN_S
            else:
                pause_s = RENEW_EVERY_S
                held.renewed(since)


def lost(execution: Execution) -> Conflict:
    """What ends a run that somebody else has, or may have."""
    words = f"Another process may have taken {execution.execution_id} over; this one begins nothing more of it."
    return Conflict("execution.fenced", words, execution=execution.execution_id)
