"""The hybrid engine: each catalogue is indexed once, on first use, off the event loop."""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from itertools import chain
from pathlib import Path
from typing import Generic, TypeVar

from opsconductor.adapters.kept_vectors import KeptVectors
from opsconductor.adapters.lanes.hybrid.index import Entry, LaneIndex
from opsconductor.adapters.lanes.hybrid.memories import MemoriesLane, RecallsMemories
from opsconductor.domain.catalogue import Catalogue
from opsconductor.domain.knowledge import Intent
from opsconductor.domain.retrieval import Scored
from opsconductor.domain.rules import Rule
from opsconductor.domain.scenarios import Scenario
from opsconductor.ports.embedder import Embedder
from opsconductor.ports.lanes import LaneQuery, Lanes

T = TypeVar("T")

_CATALOGUES_KEPT = 2  # the current one, and the one that running turns began with


def hybrid_lanes(vectors: KeptVectors, store: RecallsMemories) -> Lanes:
    """The four lanes over catalogues and one store; nothing is indexed yet."""
    return Lanes(
        rules=CatalogueLane(vectors, rule_entries),
        scenarios=CatalogueLane(vectors, scenario_entries),
        memories=MemoriesLane(store),
        intents=CatalogueLane(vectors, intent_entries),
    )


@asynccontextmanager
async def open_lanes(embedder: Embedder, store: RecallsMemories, folder: Path) -> AsyncIterator[Lanes]:
    """Fresh lanes that keep their vectors in `folder`."""
    yield hybrid_lanes(KeptVectors(embedder, folder), store)


class CatalogueLane(Generic[T]):
    """A lane over one kind of item of a catalogue."""

    def __init__(self, vectors: KeptVectors, entries: Callable[[Catalogue], Sequence[Entry[T]]]) -> None:
        self._vectors = vectors
        self._entries = entries
        self._indexes: OrderedDict[str, LaneIndex[T]] = OrderedDict()
        self._building = asyncio.Lock()

    async def retrieve(self, query: LaneQuery, pool: int) -> list[Scored[T]]:
        """See the port; raises `embedder.*` while an index is being built."""
        index = await self._index_of(query.catalogue)
        return index.search(query.masked_text, query.vector, query.facets, pool)

    async def _index_of(self, catalogue: Catalogue) -> LaneIndex[T]:
        async with self._building:
            index = self._indexes.get(catalogue.digest)
            if index is None:
                entries = self._entries(catalogue)
                texts = list(chain.from_iterable(entry.texts for entry in entries))
                index = await asyncio.to_thread(LaneIndex, entries, await self._vectors.vectors(texts))
                self._indexes[catalogue.digest] = index
                while len(self._indexes) > _CATALOGUES_KEPT:
                    self._indexes.popitem(last=False)
        return index


def rule_entries(catalogue: Catalogue) -> list[Entry[Rule]]:
    """Enabled rules, found by title and description."""
    return [
        Entry(item=rule, texts=(f"{rule.title}. {rule.description}",), facets=rule.facets)
        for rule in catalogue.rules
        if rule.enabled
    ]


def scenario_entries(catalogue: Catalogue) -> list[Entry[Scenario]]:
    """Scenarios, found by title, description and what people say to start them."""
    return [
        Entry(item=scenario, texts=(f"{scenario.title}. {scenario.description}", *scenario.examples), facets={})
        for scenario in catalogue.scenarios
    ]


def intent_entries(catalogue: Catalogue) -> list[Entry[Intent]]:
    """Intents, found by description and examples."""
    return [Entry(item=intent, texts=(intent.description, *intent.examples), facets={}) for intent in catalogue.intents]
