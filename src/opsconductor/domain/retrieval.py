"""P4's result: what four lanes found, with scores and the strategy that cut the list."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from opsconductor.domain.knowledge import Intent, Memory
from opsconductor.domain.rules import Rule
from opsconductor.domain.scenarios import Scenario

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Scored(Generic[T]):
    """An item and its score; higher is better; any finite number, negative too."""

    item: T
    score: float


@dataclass(frozen=True, kw_only=True)
class LaneResult(Generic[T]):
    """What one lane selected. A failed lane is empty and says why."""

    items: tuple[Scored[T], ...] = ()
    pool: int = 0  # how many were retrieved before selection
    strategy: str = ""
    warning: str = ""


@dataclass(frozen=True, kw_only=True)
class RetrievalResults:
    """The four lanes of one turn."""

    rules: LaneResult[Rule] = field(default_factory=LaneResult)
    scenarios: LaneResult[Scenario] = field(default_factory=LaneResult)
    memories: LaneResult[Memory] = field(default_factory=LaneResult)
    intents: LaneResult[Intent] = field(default_factory=LaneResult)
    embedding: tuple[float, ...] = ()  # of the masked text; stage A uses the same vector
    query_facets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # what P3 added to the query


EMPTY_RETRIEVAL = RetrievalResults()
"""What P4 returns for a turn that no message triggered."""
