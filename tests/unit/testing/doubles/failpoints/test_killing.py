"""Failpoints record where the engine passed, and end, stop or fail it there."""

import asyncio
import signal
import subprocess
import sys

import pytest

from opsconductor.testing.doubles.failpoints.killing import KillingFailpointsDouble

_DIES = """
import asyncio
from opsconductor.testing.doubles.failpoints.killing import KillingFailpointsDouble

async def main():
    points = KillingFailpointsDouble("b")
    await points.hit("a")
    print("alive", flush=True)
    await points.hit("b")
    print("not reached", flush=True)

asyncio.run(main())
"""


def test_it_kills_the_process_at_once() -> None:
    died = subprocess.run([sys.executable, "-c", _DIES], capture_output=True, text=True, check=False, timeout=30)
    assert (died.returncode, died.stdout) == (-signal.SIGKILL, "alive\n")


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
