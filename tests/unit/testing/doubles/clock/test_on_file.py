import asyncio
from pathlib import Path

from opsconductor.testing.doubles.clock.on_file import START, OnFileClockDouble


async def test_two_clocks_on_one_file_have_one_time(tmp_path: Path) -> None:
    one, other = OnFileClockDouble(tmp_path / "time"), OnFileClockDouble(tmp_path / "time")
    assert one.now() == other.now() == START
    one.advance(30)
    assert other.monotonic() == 30
    await other.sleep(2)
    assert one.monotonic() == 32
    assert one.now_ms() == int(START.timestamp() * 1000) + 32_000


async def test_sleepers_wait_for_the_same_time(tmp_path: Path) -> None:
    clock = OnFileClockDouble(tmp_path / "time")
    await asyncio.gather(clock.sleep(2), clock.sleep(1), clock.sleep(2))
    assert clock.monotonic() == 2


def test_time_never_goes_back(tmp_path: Path) -> None:
    clock = OnFileClockDouble(tmp_path / "time")
    clock.advance(5)
    clock.move_to(3)
    assert clock.monotonic() == 5
