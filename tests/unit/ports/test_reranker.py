"""Without a reranker the order of retrieval stays."""

from opsconductor.domain.retrieval import Scored
from opsconductor.ports.reranker import NoReranker


async def test_items_come_back_as_they_went_in() -> None:
    items = [Scored(item="b", score=0.1), Scored(item="a", score=-3.0)]
    assert await NoReranker().rerank("x", items) == items
