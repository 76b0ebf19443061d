"""A double of the clock that tests move; it never waits for real time."""

import asyncio
import heapq
from datetime import UTC, datetime, timedelta


class MovingClockDouble:
    """Time stands still until `advance` moves it, or a sleeper does when `sleeping_advances`."""

    def __init__(
        self, start: datetime = datetime(2026, 5, 5, 12, 0, 0, tzinfo=UTC), *, sleeping_advances: bool = True
    ) -> None:
        """With `sleeping_advances` a sleep moves the time itself; else it waits until `advance` has moved it so far."""
        self._start = start
        self._passed = 0.0
        self._sleeping_advances = sleeping_advances
        self._sleepers: list[tuple[float, int, asyncio.Event]] = []
        self._count = 0

    def now(self) -> datetime:
        """See the port."""
        return self._start + timedelta(seconds=self._passed)

    def monotonic(self) -> float:
        """See the port."""
        return self._passed

    async def sleep(self, seconds: float) -> None:
        """See the port."""
        if self._sleeping_advances or seconds <= 0:
            self.advance(max(seconds, 0.0))
            await asyncio.sleep(0)
            return
        woken = asyncio.Event()
        self._count += 1
        heapq.heappush(self._sleepers, (self._passed + seconds, self._count, woken))
        await woken.wait()

    def advance(self, seconds: float) -> None:
        """Move the time forward and wake, in order of their time, those whose wait is over."""
        self._passed += seconds
        while self._sleepers and self._sleepers[0][0] <= self._passed:
            heapq.heappop(self._sleepers)[2].set()

    @property
    def sleeping(self) -> int:
        """How many wait for the time to move."""
        return len(self._sleepers)


def open_clock() -> MovingClockDouble:
    """A fresh double whose sleepers move the time."""
    return MovingClockDouble()
