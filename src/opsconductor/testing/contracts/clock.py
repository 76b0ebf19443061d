"""What every engine of the clock port promises."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC

from opsconductor.ports.clock import Clock, timestamp


async def tells_the_time_in_utc(clock: Clock) -> None:
    """Aware, and written with milliseconds and `Z`."""
    now = clock.now()
    assert now.tzinfo is UTC
    assert timestamp(now).startswith(now.isoformat(timespec="milliseconds").removesuffix("+00:00"))


async def never_runs_backwards(clock: Clock) -> None:
    """Monotonic time rises or stands still."""
    readings = [clock.monotonic() for _ in range(100)]
    assert readings == sorted(readings)


async def has_waited_when_a_sleep_returns(clock: Clock) -> None:
    """At least so long by its own time; zero and less return at once."""
    before = clock.monotonic()
    await clock.sleep(0.002)
    assert clock.monotonic() - before >= 0.002
    await clock.sleep(0)
    await clock.sleep(-1)


async def lets_others_work_while_it_pauses(clock: Clock) -> None:
    """A pause is over once so much time has passed by the clock, whoever has moved it."""
    before = clock.monotonic()
    async with asyncio.TaskGroup() as group:
        group.create_task(clock.pause(0.002))
        await asyncio.sleep(0)
        await clock.sleep(0.01)
    assert clock.monotonic() - before >= 0.002


PROMISES: tuple[Callable[[Clock], Awaitable[None]], ...] = (
    tells_the_time_in_utc,
    never_runs_backwards,
    has_waited_when_a_sleep_returns,
    lets_others_work_while_it_pauses,
)
