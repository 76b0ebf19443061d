import asyncio

from opsconductor.testing.doubles.clock.moving import MovingClockDouble


async def test_a_sleep_moves_the_time() -> None:
    clock = MovingClockDouble()
    before = clock.now()
    await clock.sleep(90)
    assert (clock.now() - before).total_seconds() == 90
    assert clock.monotonic() == 90


async def test_sleepers_wait_until_the_time_is_moved_and_wake_in_order() -> None:
    clock = MovingClockDouble(sleeping_advances=False)
    woken: list[float] = []

    async def sleeper(seconds: float) -> None:
        await clock.sleep(seconds)
        woken.append(seconds)

    async with asyncio.TaskGroup() as group:
        for seconds in (30, 10, 20):
            group.create_task(sleeper(seconds))
        await asyncio.sleep(0)
        assert clock.sleeping == 3
        clock.advance(9.9)
        await asyncio.sleep(0)
        assert woken == []
        clock.advance(10.1)
        await asyncio.sleep(0)
        assert woken == [10, 20]
        clock.advance(10)
    assert woken == [10, 20, 30]
