"""What each lane keeps of what it retrieved: its strategy, limit and pool, from the agent's configuration."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from opsconductor.domain.errors import BadInput
from opsconductor.domain.json_value import Json
from opsconductor.domain.retrieval import LaneResult, Scored
from opsconductor.domain.turn import Configured
from opsconductor.phases.p04_retrieve.strategies import STRATEGIES, finite, select

T = TypeVar("T")

POOL = 30
DEFAULTS: Mapping[str, tuple[str, int]] = {
    "rules": ("adaptive_k", 10),
    "scenarios": ("entropy", 5),
    "memories": ("clustering", 15),
    "intents": ("elbow", 5),
}
"""Lane → strategy and limit; the settings `LANE_strategy`, `LANE_limit` and `retrieval_pool` override them."""


@dataclass(frozen=True, kw_only=True)
class LaneSelection:
    """How one lane's list is cut."""

    lane: str
    strategy: str
    limit: int
    pool: int

    def cut(self, ranked: list[Scored[T]]) -> LaneResult[T]:
        """The items that stay, best first."""
        if not ranked:
            return LaneResult(strategy=self.strategy)
        places = select(STRATEGIES[self.strategy], [scored.score for scored in ranked], self.limit)
        kept = tuple(Scored(item=ranked[place].item, score=finite(ranked[place].score)) for place in places)
        return LaneResult(items=kept, pool=len(ranked), strategy=self.strategy)


@dataclass(frozen=True, kw_only=True)
class Selections:
    """How each lane's list is cut under one configuration."""

    configuration: Mapping[str, Configured]
    rules: LaneSelection
    scenarios: LaneSelection
    memories: LaneSelection
    intents: LaneSelection


def selections_of(configuration: Mapping[str, Configured]) -> Selections:
    """The selections as configured. Raises `settings.invalid` for a strategy or number that cannot be."""
    return Selections(configuration=configuration, **{lane: selection_of(lane, configuration) for lane in DEFAULTS})


def selection_of(lane: str, configuration: Mapping[str, Configured]) -> LaneSelection:
    """The selection of `lane` as configured. Raises `settings.invalid` for a strategy or number that cannot be."""
    strategy, limit = DEFAULTS[lane]
    name = _setting(configuration, f"{lane}_strategy", strategy)
    if not isinstance(name, str) or name not in STRATEGIES:
        raise _invalid(f"{lane}_strategy", f"is one of {', '.join(STRATEGIES)}")
    return LaneSelection(
        lane=lane,
        strategy=name,
        limit=_number(configuration, f"{lane}_limit", limit),
        pool=_number(configuration, "retrieval_pool", POOL),
    )


def _setting(configuration: Mapping[str, Configured], key: str, default: Json) -> Json:
    return configuration[key].value if key in configuration else default


def _number(configuration: Mapping[str, Configured], key: str, default: int) -> int:
    value = _setting(configuration, key, default)
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise _invalid(key, "is a whole number of 1 or more")
    return value


def _invalid(key: str, what: str) -> BadInput:
    return BadInput("settings.invalid", f"The setting {key} {what}.", setting=key)
