"""Reranking of what a lane retrieved. A port with no default engine: none that ships in a package helps."""

from collections.abc import Sequence
from typing import Protocol, TypeVar

from opsconductor.domain.retrieval import Scored

T = TypeVar("T")


class Reranker(Protocol):
    """Gives retrieved items new scores."""

    async def rerank(self, text: str, items: Sequence[Scored[T]]) -> list[Scored[T]]:
        """The same items, highest first, with new finite scores; never adds or drops one."""
        ...


class NoReranker:
    """Keeps the order of retrieval."""

    async def rerank(self, text: str, items: Sequence[Scored[T]]) -> list[Scored[T]]:
        """The items as they came."""
        return list(items)
