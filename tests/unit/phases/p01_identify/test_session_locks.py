"""A session is a turn's own for as long as the turn takes, however long that is."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from opsconductor.adapters.audit.hmac_seal import HmacSeal
from opsconductor.adapters.processes.file_locks import open_processes
from opsconductor.adapters.storage.sqlite import open_storage
from opsconductor.domain.errors import Conflict, Unavailable
from opsconductor.phases.p01_identify.session_locks import (
    RENEW_EVERY_S,
    SESSION_LEASE_S,
    SessionLock,
    SessionLocks,
)
from opsconductor.ports.storage import Storage
from opsconductor.testing.doubles.clock.moving import MovingClockDouble
from opsconductor.testing.doubles.storage.failing import REFUSE, FailingStorageDouble, at_commit

FIRST_RENEWAL = 2
"""The number of its commit; the first takes the lock."""


@dataclass
class Keeping:
    """Locks over a real store whose clock the test moves."""

    locks: SessionLocks
    stored: Storage
    clock: MovingClockDouble

    async def taken(self, session_id: str, turn_id: str = "turn_1") -> SessionLock:
        lock = self.locks.of("default", session_id, turn_id)
        await self.locks.wait_for(lock)
        return lock

    async def free(self, session_id: str) -> bool:
        """Whether another owner gets the session's lock now."""
        unit = self.stored.begin()
        unit.take_session("default", session_id, "somebody else", SESSION_LEASE_S)
        try:
            await unit.commit()
        except Conflict:
            return False
        return True

    async def pass_time(self, times: int) -> None:
        """So many renewals, each done before the time goes on."""
        for _ in range(times):
            await until(lambda: self.clock.pausing == 1)
            self.clock.advance(RENEW_EVERY_S)
        await until(lambda: self.clock.pausing == 1)


@asynccontextmanager
async def keeping(home: Path, wrap: Callable[[Storage], Storage] = lambda storage: storage) -> AsyncIterator[Keeping]:
    clock = MovingClockDouble(sleeping_advances=False)
    with open_processes(home / "run") as processes:
        now_ms = lambda: int(clock.now().timestamp() * 1000)  # noqa: E731
        async with open_storage(home / "a.db", HmacSeal(bytes(32)), now_ms) as stored:
            yield Keeping(SessionLocks(wrap(stored), processes, clock), stored, clock)


async def until(holds: Callable[[], bool]) -> None:
    """Let the other tasks run until `holds()` is true; a test's own time-out ends a wait in vain."""
    while not holds():
        await asyncio.sleep(0)


async def test_a_turn_longer_than_its_lease_keeps_its_session(home: Path) -> None:
    async with keeping(home) as kept, kept.locks.renewing():
        with kept.locks.holding(await kept.taken("sess_1")), kept.locks.holding(await kept.taken("sess_2")):
            for _ in range(9):
                await kept.pass_time(1)
                assert not await kept.free("sess_1")
                assert not await kept.free("sess_2")
        await kept.pass_time(4)
        assert await kept.free("sess_1")
        assert await kept.free("sess_2")


async def test_what_is_held_no_longer_is_renewed_no_longer(home: Path) -> None:
    async with keeping(home) as kept, kept.locks.renewing():
        with pytest.raises(KeyError), kept.locks.holding(await kept.taken("sess_1")):
            raise KeyError
        await kept.pass_time(4)
        assert await kept.free("sess_1")


async def test_a_lock_that_another_has_is_not_taken_back_and_stops_no_other(home: Path) -> None:
    async with keeping(home) as kept:
        lost, mine = await kept.taken("sess_1"), await kept.taken("sess_2")
        with kept.locks.holding(lost), kept.locks.holding(mine):
            kept.clock.advance(SESSION_LEASE_S + 1)
            assert await kept.free("sess_1")
            async with kept.locks.renewing():
                await kept.pass_time(2)
                assert not await kept.free("sess_2")
                kept.clock.advance(SESSION_LEASE_S + 1)
                await kept.pass_time(1)
                unit = kept.stored.begin()
                unit.take_session("default", "sess_1", "a third", SESSION_LEASE_S)
                await unit.commit()


async def test_a_store_that_is_away_for_a_moment_loses_no_lock(home: Path) -> None:
    def away(storage: Storage) -> Storage:
        failing: Any = FailingStorageDouble(storage, at_commit(FIRST_RENEWAL, REFUSE))
        wrapped: Storage = failing
        return wrapped

    async with keeping(home, away) as kept, kept.locks.renewing():
        with kept.locks.holding(await kept.taken("sess_1")):
            for _ in range(6):
                await kept.pass_time(1)
                assert not await kept.free("sess_1")


async def test_the_lock_of_whoever_died_with_it_is_taken_over_at_once_and_a_living_ones_is_not(home: Path) -> None:
    async with keeping(home) as kept:
        await kept.taken("sess_1", "turn_1")
        lock = kept.locks.of("default", "sess_1", "turn_2")
        with pytest.raises(Conflict) as busy:
            await kept.locks.take_over(lock)
        assert busy.value.code == "session.busy"
        await kept.locks.release(kept.locks.of("default", "sess_1", "turn_1"))
        unit = kept.stored.begin()
        unit.take_session("default", "sess_1", "4711-18f0a0b0c0d0-0a1b2c3d/turn_1", SESSION_LEASE_S)
        await unit.commit()
        await kept.locks.take_over(lock)
        assert not await kept.free("sess_1")
        await kept.locks.release(lock)
        assert await kept.free("sess_1")


async def test_what_breaks_while_locks_are_renewed_comes_out_as_it_is(home: Path) -> None:
    async with keeping(home) as kept:
        with pytest.raises(Unavailable) as broken:
            async with kept.locks.renewing():
                raise Unavailable("store.unavailable", "gone")
        assert broken.value.code == "store.unavailable"
        assert kept.clock.sleeping <= 1
