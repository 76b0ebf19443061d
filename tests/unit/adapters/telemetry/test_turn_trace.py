"""Phases and their parts on one clock; what overlaps shows it."""

import asyncio

import pytest

from opsconductor.adapters.telemetry.turn_trace import ClockTurnTrace
from opsconductor.testing.doubles.clock.moving import MovingClockDouble


def test_phases_in_order_with_their_parts() -> None:
    clock = MovingClockDouble()
    clock.advance(100)
    told: list[tuple[str, str, float]] = []
    trace = ClockTurnTrace(clock, lambda *event: told.append(event))
    with trace.phase("one"):
        clock.advance(0.010)
        with trace.part("a"):
            clock.advance(0.005)
    with trace.phase("two"):
        clock.advance(0.001)
    one, two = trace.timings()
    assert (one.phase, one.started_ms, one.ms) == ("one", 0.0, 15.0)
    assert [(part.name, part.started_ms, part.ms) for part in one.parts] == [("a", 10.0, 5.0)]
    assert (two.started_ms, two.ms, two.parts) == (15.0, 1.0, ())
    assert told == [("one", "start", 0.0), ("one", "end", 15.0), ("two", "start", 15.0), ("two", "end", 16.0)]


def test_an_open_phase_shows_its_time_until_now_and_an_ended_one_does_not_grow() -> None:
    clock = MovingClockDouble()
    trace = ClockTurnTrace(clock)
    with trace.phase("no time at all"):
        pass
    clock.advance(1)
    with trace.phase("open"):
        clock.advance(0.5)
        assert [timing.ms for timing in trace.timings()] == [0.0, 500.0]


async def test_parts_that_overlap_show_it() -> None:
    clock = MovingClockDouble(sleeping_advances=False)
    trace = ClockTurnTrace(clock)

    async def part(name: str, seconds: float) -> None:
        with trace.part(name):
            await clock.sleep(seconds)

    with trace.phase("both"):
        async with asyncio.TaskGroup() as group:
            group.create_task(part("slow", 0.2))
            group.create_task(part("fast", 0.1))
            while clock.sleeping < 2:
                await asyncio.sleep(0)
            clock.advance(0.1)
            while clock.sleeping:
                clock.advance(0.1)
                await asyncio.sleep(0)
    parts = {part.name: part for part in trace.timings()[0].parts}
    assert parts["slow"].started_ms == parts["fast"].started_ms == 0.0
    assert parts["slow"].ms >= parts["fast"].ms


def test_a_phase_that_breaks_is_timed_and_told() -> None:
    clock = MovingClockDouble()
    told: list[str] = []
    trace = ClockTurnTrace(clock, lambda phase, state, at: told.append(state))

    def breaks() -> None:
        with trace.phase("one"):
            clock.advance(0.2)
            raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        breaks()
    assert trace.timings()[0].ms == 200.0
    assert told == ["start", "end"]


def test_a_part_outside_any_phase_is_nobodys() -> None:
    trace = ClockTurnTrace(MovingClockDouble())
    with trace.part("early"):
        pass
    assert trace.timings() == ()
