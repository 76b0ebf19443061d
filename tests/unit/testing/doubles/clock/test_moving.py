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


async def test_a_pause_is_passed_at_its_own_time_and_moves_nothing() -> None:
    clock = MovingClockDouble()
    seen: list[float] = []

    async def beside() -> None:
        while True:
            await clock.pause(10)
            await asyncio.sleep(0)
            seen.append(clock.monotonic())

    async with asyncio.TaskGroup() as group:
        task = group.create_task(beside())
        await asyncio.sleep(0)
        assert clock.monotonic() == 0
        await clock.sleep(35)
        assert seen == [10, 20, 30]
        assert clock.monotonic() == 35
        task.cancel()
    await clock.sleep(35)
    assert seen == [10, 20, 30]
