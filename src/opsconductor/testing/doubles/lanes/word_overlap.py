"""A double of the lanes: items score by the words they share with the request. Fast, and understands nothing."""

import re
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Generic, TypeVar

from opsconductor.domain.catalogue import Catalogue
from opsconductor.domain.knowledge import Memory
from opsconductor.domain.retrieval import Scored
from opsconductor.ports.embedder import Embedder
from opsconductor.ports.lanes import LaneQuery, Lanes
from opsconductor.testing.contracts.lanes import MemoryStore

T = TypeVar("T")


class WordOverlapLaneDouble(Generic[T]):
    """Takes its items from the catalogue of the query."""

    def __init__(self, items: Callable[[Catalogue], Iterable[T]], text: Callable[[T], str]) -> None:
        self._items = items
        self._text = text

    async def retrieve(self, query: LaneQuery, pool: int) -> list[Scored[T]]:
        """See the port."""
        return _by_word_overlap(list(self._items(query.catalogue)), self._text, query, pool)


class WordOverlapMemoriesDouble:
    """Takes its items from a store."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    async def retrieve(self, query: LaneQuery, pool: int) -> list[Scored[Memory]]:
        """See the port."""
        found = await self._store.memories(query.tenant, query.entities, pool)
        return _by_word_overlap(list(found), lambda memory: memory.text, query, pool)


def word_overlap_lanes(store: MemoryStore) -> Lanes:
    """All four lanes; memories come from `store`."""
    return Lanes(
        rules=WordOverlapLaneDouble(
            lambda catalogue: catalogue.rules, lambda rule: f"{rule.title} {rule.description} {rule.facets}"
        ),
        scenarios=WordOverlapLaneDouble(
            lambda catalogue: catalogue.scenarios, lambda one: " ".join((one.title, one.description, *one.examples))
        ),
        memories=WordOverlapMemoriesDouble(store),
        intents=WordOverlapLaneDouble(
            lambda catalogue: catalogue.intents, lambda intent: " ".join((intent.description, *intent.examples))
        ),
    )


@asynccontextmanager
async def open_lanes(embedder: Embedder, store: MemoryStore, folder: Path) -> AsyncIterator[Lanes]:
    """Fresh doubles; embedder and folder are not needed."""
    yield word_overlap_lanes(store)


def _by_word_overlap(items: Sequence[T], text: Callable[[T], str], query: LaneQuery, pool: int) -> list[Scored[T]]:
    asked = _words(" ".join((query.masked_text, *(value for values in query.facets.values() for value in values))))
    scored = [Scored(item=item, score=float(len(asked & _words(text(item))))) for item in items]
    return sorted(scored, key=lambda one: -one.score)[:pool]


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.lower()))
