"""A double of the clock that tests move; it never waits for real time."""

import asyncio
import heapq
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

_PATIENCE_S = 2.0


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
        self._pauses: list[tuple[float, int, asyncio.Event, asyncio.Task[object] | None]] = []
        self._pausing: set[asyncio.Task[object] | None] = set()
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
            await self._pass_by_pauses(max(seconds, 0.0))
            return
        woken = asyncio.Event()
        self._count += 1
        heapq.heappush(self._sleepers, (self._passed + seconds, self._count, woken))
        await woken.wait()

    async def pause(self, seconds: float) -> None:
        """See the port: it waits until others have moved the time so far."""
        woken, task = asyncio.Event(), asyncio.current_task()
        self._count += 1
        heapq.heappush(self._pauses, (self._passed + seconds, self._count, woken, task))
        self._pausing.add(task)
        try:
            await woken.wait()
        finally:
            self._pausing.discard(task)

    async def _pass_by_pauses(self, seconds: float) -> None:
        """Move the time, and let whoever pauses meanwhile do its work at its own time, before it is later."""
        await asyncio.sleep(0)  # who was to begin meanwhile has begun
        end = self._passed + seconds
        while self._pauses and self._pauses[0][0] <= end:
            until, _, _, task = self._pauses[0]
            self.advance(until - self._passed)
            await _until(lambda task=task: task is None or task.done() or task in self._pausing)  # type: ignore[misc]
        self.advance(end - self._passed)
        await asyncio.sleep(0)

    def advance(self, seconds: float) -> None:
        """Move the time forward and wake, in order of their time, those whose wait is over."""
        self._passed += max(seconds, 0.0)
        while self._pauses and self._pauses[0][0] <= self._passed:
            _, _, woken, task = heapq.heappop(self._pauses)
            self._pausing.discard(task)
            woken.set()
        while self._sleepers and self._sleepers[0][0] <= self._passed:
            heapq.heappop(self._sleepers)[2].set()

    @property
    def pausing(self) -> int:
        """How many go on beside everything else, and wait for others to move the time."""
        return len(self._pauses)

    @property
    def sleeping(self) -> int:
        """How many wait for the time to move."""
        return len(self._sleepers)


async def _until(holds: Callable[[], bool]) -> None:
    """Let others run until it holds; at most for a while, as they may themselves wait for the one who waits here."""
    last = time.monotonic() + _PATIENCE_S
    while not holds() and time.monotonic() < last:
        await asyncio.sleep(0)


def open_clock() -> MovingClockDouble:
    """A fresh double whose sleepers move the time."""
    return MovingClockDouble()
