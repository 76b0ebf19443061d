"""The four retrieval lanes: rules, scenarios, memories, intents."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from opsconductor.domain.catalogue import Catalogue
from opsconductor.domain.knowledge import Intent, Memory
from opsconductor.domain.retrieval import Scored
from opsconductor.domain.rules import Rule
from opsconductor.domain.scenarios import Scenario
from opsconductor.ports.embedder import Vectors
from opsconductor.ports.reranker import NoReranker, Reranker

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class LaneQuery:
    """What a lane is asked with: the words masked, their one vector, and what P3 resolved."""

    tenant: str
    catalogue: Catalogue
    masked_text: str
    vector: Vectors  # shape [dimensions]
    facets: Mapping[str, tuple[str, ...]]  # environment, role, type, service … of the resolved targets
    entities: tuple[str, ...]  # asset ids and service names


class Lane(Protocol[T]):
    """Retrieves candidates of one kind."""

    async def retrieve(self, query: LaneQuery, pool: int) -> list[Scored[T]]:
        """At most `pool` items, highest score first, scores finite; an empty lane gives an empty list."""
        ...


@dataclass(frozen=True, kw_only=True)
class Lanes:
    """The four lanes of one engine."""

    rules: Lane[Rule]
    scenarios: Lane[Scenario]
    memories: Lane[Memory]
    intents: Lane[Intent]


@dataclass(frozen=True, kw_only=True)
class LaneRerankers:
    """The reranker of each lane; none by default."""

    rules: Reranker = field(default_factory=NoReranker)
    scenarios: Reranker = field(default_factory=NoReranker)
    memories: Reranker = field(default_factory=NoReranker)
    intents: Reranker = field(default_factory=NoReranker)
