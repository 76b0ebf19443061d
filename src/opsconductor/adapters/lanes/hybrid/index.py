"""The index of one lane over one catalogue: texts, their vectors, and the facets items declare."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from opsconductor.adapters.lanes.hybrid.fusion import Places, best, fuse
from opsconductor.adapters.lanes.hybrid.lexical import Bm25
from opsconductor.domain.retrieval import Scored
from opsconductor.ports.embedder import Vectors

T = TypeVar("T")
Facets = Mapping[str, tuple[str, ...]]
Asked = frozenset[tuple[str, frozenset[str]]]
"""A context: facet and the values of which one must hold, in lower case."""


@dataclass(frozen=True, kw_only=True)
class Entry(Generic[T]):
    """An item, the texts it is found by (at least one), and the context it asks for."""

    item: T
    texts: tuple[str, ...]
    facets: Facets


class LaneIndex(Generic[T]):
    """Immutable once built; an item is as near as its nearest text."""

    def __init__(self, entries: Sequence[Entry[T]], vectors: Vectors) -> None:
        """`vectors` are those of all entries' texts in order, [texts, dimensions]."""
        self._entries = entries
        self._vectors = vectors
        self._starts = np.cumsum([0, *(len(entry.texts) for entry in entries)])[:-1]
        self._words = Bm25(list(chain.from_iterable(entry.texts for entry in entries)))
        self._contexts = _contexts(entries)

    def search(self, text: str, vector: Vectors, facets: Facets, pool: int) -> list[Scored[T]]:
        """At most `pool` items, best first.

        An item that asks for another context than `facets` is left out; one whose context is met comes before its like.
        """
        if not self._entries or pool < 1:
            return []
        candidates, fitting = self._by_context(facets)
        meaning = self._of_items(self._vectors @ vector)
        shared = self._of_items(self._words.scores(text))
        orders = [
            best(meaning, candidates, pool),
            best(shared, candidates[shared[candidates] > 0], pool),
        ]
        preferred = best(meaning, fitting, pool)
        return [Scored(item=self._entries[place].item, score=score) for place, score in fuse(orders, preferred)[:pool]]

    def _of_items(self, scores: NDArray[np.float32]) -> NDArray[np.float32]:
        highest: NDArray[np.float32] = np.maximum.reduceat(scores, self._starts)
        return highest

    def _by_context(self, facets: Facets) -> tuple[Places, Places]:
        """Places of the items that may apply here, and of those that ask for just this context."""
        allowed = np.ones(len(self._entries), dtype=np.bool_)
        fitting = [np.empty(0, dtype=np.intp)]
        have = {key: {value.casefold() for value in values} for key, values in facets.items() if values}
        for asked, places in self._contexts:
            told = [(have[key], wanted) for key, wanted in asked if key in have]
            if any(known.isdisjoint(wanted) for known, wanted in told):
                allowed[places] = False
            elif told:
                fitting.append(places)
        return np.flatnonzero(allowed), np.sort(np.concatenate(fitting))


def _contexts(entries: Sequence[Entry[T]]) -> list[tuple[Asked, Places]]:
    """Each distinct context that items ask for, with their places: ten thousand rules share a few."""
    grouped: dict[Asked, list[int]] = {}
    for place, entry in enumerate(entries):
        if entry.facets:
            asked = frozenset((key, frozenset(map(str.casefold, values))) for key, values in entry.facets.items())
            grouped.setdefault(asked, []).append(place)
    return [(asked, np.array(places, dtype=np.intp)) for asked, places in grouped.items()]
