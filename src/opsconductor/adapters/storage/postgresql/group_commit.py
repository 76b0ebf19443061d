"""One transaction for the units that wait at the same time: they share one fsync, and one hold on the audit chain.

Without it every unit of a tenant would wait for the fsync of the one before: each holds the chain's head until then.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

import psycopg

from opsconductor.adapters.storage.postgresql.changes import Change
from opsconductor.adapters.storage.postgresql.errors import TRY_AGAIN, as_our_error
from opsconductor.domain.audit import AuditEntry
from opsconductor.domain.errors import InternalFault, Unavailable

Unit = tuple[Sequence[Change], Sequence[AuditEntry]]

_LARGEST_GROUP = 64
_TRIES = 6  # of a transaction that the database took back because of another one
_LONGEST_PAUSE_S = 0.05


class OutcomeUnknown(Exception):
    """The connection broke while the transaction committed."""


@dataclass(eq=False)
class _Job:
    """A unit of work, and who waits for it."""

    unit: Unit
    done: "asyncio.Future[None]" = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class GroupCommit:
    """Whoever gets the turn does the work of all who wait; each unit is whole or not at all, whatever others are."""

    def __init__(self, perform: Callable[[Sequence[Unit]], Awaitable[None]]) -> None:
        """`perform` does all the units it is given in one transaction, or raises and has done none."""
        self._perform = perform
        self._turn = asyncio.Lock()
        self._waiting: list[_Job] = []
        self._closed = False

    async def write(self, unit: Unit) -> None:
        """Return once the unit is durable; raises what it raises, or `store.*`.

        A unit whose caller is cancelled before its turn comes is not done; one under way is completed.
        """
        if self._closed:
            raise closed()
        job = _Job(unit)
        self._waiting.append(job)
        try:
            async with self._turn:
                if not job.done.done():
                    await self._lead()
            await job.done
        finally:
            if job in self._waiting:
                self._waiting.remove(job)
            if job.done.done() and not job.done.cancelled():
                job.done.exception()  # looked at: a caller who was cancelled does not ask any more

    async def close(self) -> None:
        """Take no more units, and wait until the one under way is done."""
        self._closed = True
        async with self._turn:
            for job in self._waiting:
                job.done.set_exception(closed())
            self._waiting.clear()

    async def _lead(self) -> None:
        await asyncio.sleep(0)  # whoever is about to write joins
        jobs = self._waiting[:_LARGEST_GROUP]
        del self._waiting[:_LARGEST_GROUP]
        finished = asyncio.Event()

        async def complete() -> None:
            try:
                await self._do(jobs)
            finally:
                _tell(jobs, InternalFault("internal.fault", "The store gave up on this unit."))  # whom nobody has told
                finished.set()

        try:
            await asyncio.shield(complete())
        except asyncio.CancelledError:
            await finished.wait()  # the others' units are in the same transaction: who leads sees it through
            raise

    async def _do(self, jobs: Sequence[_Job]) -> None:
        try:
            await self._attempt([job.unit for job in jobs])
        except OutcomeUnknown:
            _tell(jobs, _unknown())
        except Exception as error:  # the edge of the group: whatever a unit raises belongs to whoever waits for it
            if len(jobs) == 1 or _concerns_all(error):
                _tell(jobs, as_our_error(error))
                return
            for job in jobs:  # one of them failed: each by itself, so that only that one is told
                await self._do([job])
        else:
            _tell(jobs, None)

    async def _attempt(self, units: Sequence[Unit]) -> None:
        for tried in range(_TRIES):
            try:
                return await self._perform(units)
            except TRY_AGAIN:
                if tried + 1 == _TRIES:
                    raise
                await asyncio.sleep(random.uniform(0, _LONGEST_PAUSE_S))


def _concerns_all(error: Exception) -> bool:
    """Nobody shall wait again, one after the other, for a server that is away or a row that is held."""
    return isinstance(error, psycopg.OperationalError | psycopg.InterfaceError) and not isinstance(error, TRY_AGAIN)


def _tell(jobs: Sequence[_Job], error: BaseException | None) -> None:
    for job in jobs:
        if job.done.done():
            continue
        if error is None:
            job.done.set_result(None)
        else:
            job.done.set_exception(error)


def _unknown() -> Unavailable:
    refusal = "The database went away while it committed; whether it did, only a new look tells."
    return Unavailable("store.unavailable", refusal, outcome="unknown")


def closed() -> Unavailable:
    """The error for work that comes after the store was closed."""
    return Unavailable("store.unavailable", "The store is closed.")
