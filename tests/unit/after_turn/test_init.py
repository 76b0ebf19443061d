"""The outbox delivers what is due, tries again later what failed, and lets no message stop the others."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from opsconductor.adapters.audit.hmac_seal import HmacSeal
from opsconductor.adapters.storage.sqlite import SqliteStorage, open_storage
from opsconductor.adapters.telemetry.fault_log import FaultLog
from opsconductor.after_turn import LONGEST_RETRY_S, OutboxRunner
from opsconductor.domain.errors import Unavailable
from opsconductor.domain.outbox import OutboxMessage
from opsconductor.testing.doubles.clock.moving import MovingClockDouble
from opsconductor.testing.doubles.ids.counting import CountingIdsDouble
from opsconductor.testing.turns import MOMENT


class Handling:
    """A handler double: fails so often, then does it."""

    def __init__(self, storage: SqliteStorage, *failures: Exception) -> None:
        self.done: list[str] = []
        self._storage = storage
        self._failures = list(failures)

    async def handle(self, message: OutboxMessage) -> None:
        if self._failures:
            raise self._failures.pop(0)
        unit = self._storage.begin()
        unit.finish_outbox(message.message_id)
        await unit.commit()
        self.done.append(message.message_id)


@pytest.fixture
def clock() -> MovingClockDouble:
    return MovingClockDouble()


@pytest.fixture
async def stored(home: Path, clock: MovingClockDouble) -> AsyncIterator[SqliteStorage]:
    now_ms = lambda: int(clock.now().timestamp() * 1000)  # noqa: E731
    async with open_storage(home / "a.db", HmacSeal(bytes(32)), now_ms) as storage:
        yield storage


async def put(storage: SqliteStorage, message_id: str, topic: str = "memory", attempts: int = 0) -> None:
    unit = storage.begin()
    unit.add_outbox(
        OutboxMessage(
            message_id=message_id,
            tenant="default",
            topic=topic,
            turn_id="turn_1",
            payload={},
            created_at=MOMENT,
            attempts=attempts,
        )
    )
    await unit.commit()


def a_runner(storage: SqliteStorage, handler: Handling, clock: MovingClockDouble, home: Path) -> OutboxRunner:
    return OutboxRunner(storage, {"memory": handler}, FaultLog(home, clock, CountingIdsDouble()))


async def test_what_is_due_is_delivered_once(stored: SqliteStorage, clock: MovingClockDouble, home: Path) -> None:
    handler = Handling(stored)
    runner = a_runner(stored, handler, clock, home)
    await put(stored, "out_1")
    await put(stored, "out_2")
    assert (await runner.run_once(), await runner.run_once()) == (2, 0)
    assert handler.done == ["out_1", "out_2"]


async def test_a_failing_message_waits_longer_each_time_and_stops_no_other(
    stored: SqliteStorage, clock: MovingClockDouble, home: Path
) -> None:
    handler = Handling(stored, Unavailable("store.unavailable", "no"), ValueError("canary" + "-value"))
    runner = a_runner(stored, handler, clock, home)
    await put(stored, "out_1")
    assert await runner.run_once() == 0
    await put(stored, "out_2")
    assert await runner.run_once() == 0
    clock.advance(9)
    assert await runner.run_once() == 0
    clock.advance(2)
    assert await runner.run_once() == 2
    assert "canary-value" not in (home / "faults.jsonl").read_text()


async def test_after_many_failures_it_is_still_tried(
    stored: SqliteStorage, clock: MovingClockDouble, home: Path
) -> None:
    handler = Handling(stored, Unavailable("store.unavailable", "no"))
    runner = a_runner(stored, handler, clock, home)
    await put(stored, "out_1", attempts=5000)
    assert await runner.run_once() == 0
    clock.advance(LONGEST_RETRY_S + 1)
    assert await runner.run_once() == 1


async def test_a_topic_nobody_handles_stays(stored: SqliteStorage, clock: MovingClockDouble, home: Path) -> None:
    runner = a_runner(stored, Handling(stored), clock, home)
    await put(stored, "out_1", topic="webhooks")
    assert await runner.run_once() == 0
    assert [message.message_id for message in await stored.outbox_due(5)] == ["out_1"]
