"""A reranker that takes a known time and turns the order round, so that a test sees it has run."""

from collections.abc import Sequence
from typing import TypeVar

from opsconductor.domain.retrieval import Scored
from opsconductor.ports.clock import Clock

T = TypeVar("T")


class TurningRerankerDouble:
    """Waits on the clock; the last item becomes the first, with a score one higher than the next."""

    def __init__(self, clock: Clock, seconds: float = 0.0) -> None:
        self._clock = clock
        self._seconds = seconds

    async def rerank(self, text: str, items: Sequence[Scored[T]]) -> list[Scored[T]]:
        """See the port."""
        await self._clock.sleep(self._seconds)
        return [
            Scored(item=scored.item, score=float(len(items) - place)) for place, scored in enumerate(reversed(items))
        ]
