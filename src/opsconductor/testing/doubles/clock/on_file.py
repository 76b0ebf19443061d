"""A double of the clock whose time stands in a file: processes that start, die and start again share one time."""

import asyncio
import mmap
import struct
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

START = datetime(2026, 5, 5, 12, 0, 0, tzinfo=UTC)
HASTE = 200
"""A sleeper really waits for the 200th part of its time."""

_LOOK_S = 0.005
_STRIDE_S = 1.0
_SECONDS = struct.Struct("d")


class OnFileClockDouble:
    """Time stands still but for sleepers: each waits a little in truth, and then it is as late as it wanted.

    Sleepers that wait at the same time wait for the same time, as with a real clock.
    """

    def __init__(self, path: Path) -> None:
        """The time in the file at `path`; a file that is missing is made, and its time begins at START."""
        if not path.exists():
            path.write_bytes(_SECONDS.pack(0.0))
        with path.open("r+b") as file:
            self._passed = mmap.mmap(file.fileno(), _SECONDS.size)

    def now(self) -> datetime:
        """See the port."""
        return START + timedelta(seconds=self.monotonic())

    def monotonic(self) -> float:
        """See the port; it goes on across processes."""
        passed: float = _SECONDS.unpack(self._passed)[0]
        return passed

    def now_ms(self) -> int:
        """The same time as a store's clock wants it: milliseconds since 1970."""
        return int(self.now().timestamp() * 1000)

    async def sleep(self, seconds: float) -> None:
        """See the port."""
        end = self.monotonic() + max(seconds, 0.0)
        while (left := end - self.monotonic()) > _STRIDE_S:  # so that whoever pauses has its turn in time
            await asyncio.sleep(_STRIDE_S / HASTE)
            self.move_to(min(end, end - left + _STRIDE_S))
        await asyncio.sleep(max(left, 0.0) / HASTE)
        self.move_to(end)

    async def pause(self, seconds: float) -> None:
        """See the port: it waits until others have moved the time so far."""
        end = self.monotonic() + seconds
        while self.monotonic() < end:
            await asyncio.sleep(_LOOK_S)

    def advance(self, seconds: float) -> None:
        """Let time pass, for every process that has this file."""
        self.move_to(self.monotonic() + seconds)

    def move_to(self, passed: float) -> None:
        """Let it be at least so many seconds after START."""
        self._passed[:] = _SECONDS.pack(max(passed, self.monotonic()))


def open_clock() -> OnFileClockDouble:
    """A fresh double, with a file of its own."""
    with tempfile.TemporaryDirectory() as folder:
        return OnFileClockDouble(Path(folder) / "time")
