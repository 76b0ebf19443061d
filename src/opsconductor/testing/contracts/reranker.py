"""What every engine of the reranker port promises."""

import math
from collections.abc import Awaitable, Callable

from opsconductor.domain.retrieval import Scored
from opsconductor.ports.reranker import Reranker

_ITEMS = [Scored(item=name, score=score) for name, score in (("a", 3.0), ("b", 0.0), ("c", -2.0), ("d", -2.0))]


async def neither_adds_nor_drops(reranker: Reranker) -> None:
    """The same items, each once."""
    found = await reranker.rerank("some words", _ITEMS)
    assert sorted(scored.item for scored in found) == ["a", "b", "c", "d"]


async def gives_the_highest_first_with_finite_scores(reranker: Reranker) -> None:
    """Whatever the scores were."""
    scores = [scored.score for scored in await reranker.rerank("some words", _ITEMS)]
    assert scores == sorted(scores, reverse=True)
    assert all(math.isfinite(score) for score in scores)


async def takes_no_items(reranker: Reranker) -> None:
    """An empty lane stays empty."""
    assert await reranker.rerank("some words", []) == []


PROMISES: tuple[Callable[[Reranker], Awaitable[None]], ...] = (
    neither_adds_nor_drops,
    gives_the_highest_first_with_finite_scores,
    takes_no_items,
)
