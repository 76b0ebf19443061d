"""Failpoints record where the engine passed, and end, stop or fail it there."""

import asyncio
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from opsconductor.testing.doubles.failpoints.killing import KillingFailpointsDouble

_DIES = """
import asyncio, sys
from pathlib import Path
from opsconductor.testing.doubles.failpoints.killing import KillingFailpointsDouble

async def main():
    points = KillingFailpointsDouble(ARGUMENTS, trail=Path(sys.argv[1]))
    for place in ("a", "b", "a", "b", "c"):
        await points.hit(place)

asyncio.run(main())
"""


@pytest.mark.parametrize(
    ("arguments", "passed"),
    [("'b'", "ab"), ("'b', times=2", "abab"), ("kill_at_hit=3", "aba"), ("'c'", "ababc")],
)
def test_it_kills_the_process_at_once_and_leaves_a_trail(tmp_path: Path, arguments: str, passed: str) -> None:
    trail = tmp_path / "trail"
    program = _DIES.replace("ARGUMENTS", arguments)
    died = subprocess.run([sys.executable, "-c", program, trail], check=False, timeout=30)
    assert (died.returncode, trail.read_text().split()) == (-signal.SIGKILL, list(passed))


async def test_it_records_fails_and_stops() -> None:
    points = KillingFailpointsDouble(fail_at={"b": OSError("here")}, stop_at="c")
    await points.hit("a")
    with pytest.raises(OSError, match="here"):
        await points.hit("b")
    async with asyncio.TaskGroup() as group:
        group.create_task(points.hit("c"))
        await points.reached.wait()
        points.go_on.set()
    assert points.hits == ["a", "b", "c"]
