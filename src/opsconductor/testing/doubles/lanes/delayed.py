"""Lanes that take a known time, or fail: a wrapper round any lane, real or double."""

from typing import Generic, TypeVar

from opsconductor.domain.retrieval import Scored
from opsconductor.ports.clock import Clock
from opsconductor.ports.lanes import Lane, LaneQuery

T = TypeVar("T")


class DelayedLaneDouble(Generic[T]):
    """Waits on the clock, then asks the lane it wraps."""

    def __init__(self, lane: Lane[T], clock: Clock, seconds: float) -> None:
        self._lane = lane
        self._clock = clock
        self._seconds = seconds

    async def retrieve(self, query: LaneQuery, pool: int) -> list[Scored[T]]:
        """See the port."""
        await self._clock.sleep(self._seconds)
        return await self._lane.retrieve(query, pool)


class FailingLaneDouble(Generic[T]):
    """Always raises what it was given."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    async def retrieve(self, query: LaneQuery, pool: int) -> list[Scored[T]]:
        """See the port."""
        raise self._error
