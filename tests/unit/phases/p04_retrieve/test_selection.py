import math

import pytest

from opsconductor.domain.errors import BadInput
from opsconductor.domain.retrieval import LaneResult, Scored
from opsconductor.domain.turn import Configured
from opsconductor.phases.p04_retrieve.selection import selection_of, selections_of


def configured(**values: object) -> dict[str, Configured]:
    return {key: Configured(value=value, source="pack") for key, value in values.items()}  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("lane", "strategy", "limit"),
    [("rules", "adaptive_k", 10), ("scenarios", "entropy", 5), ("memories", "clustering", 15), ("intents", "elbow", 5)],
)
def test_each_lane_has_its_documented_default(lane: str, strategy: str, limit: int) -> None:
    chosen = selection_of(lane, {})
    assert (chosen.strategy, chosen.limit, chosen.pool) == (strategy, limit, 30)


def test_the_agents_settings_change_strategy_limit_and_pool() -> None:
    chosen = selection_of("rules", configured(rules_strategy="fixed_k", rules_limit=2, retrieval_pool=7))
    assert (chosen.strategy, chosen.limit, chosen.pool) == ("fixed_k", 2, 7)
    result = chosen.cut([Scored(item=name, score=1.0) for name in "abc"])
    assert [scored.item for scored in result.items] == ["a", "b"]
    assert (result.pool, result.strategy) == (3, "fixed_k")


@pytest.mark.parametrize(
    "values",
    [
        {"rules_strategy": "luck"},
        {"rules_strategy": 3},
        {"rules_limit": 0},
        {"rules_limit": True},
        {"retrieval_pool": "9"},
    ],
)
def test_a_setting_that_cannot_be_is_named(values: dict[str, object]) -> None:
    with pytest.raises(BadInput) as caught:
        selection_of("rules", configured(**values))
    assert caught.value.code == "settings.invalid"
    assert next(iter(values)) in caught.value.message


def test_scores_that_no_record_can_hold_are_made_finite() -> None:
    result = selection_of("memories", {}).cut([Scored(item="a", score=math.inf), Scored(item="b", score=math.nan)])
    assert [scored.item for scored in result.items] == ["a", "b"]
    assert all(math.isfinite(scored.score) for scored in result.items)


def test_the_selections_of_all_lanes_are_read_at_once() -> None:
    chosen = selections_of(configured(rules_limit=2))
    assert (chosen.rules, chosen.intents) == (
        selection_of("rules", configured(rules_limit=2)),
        selection_of("intents", {}),
    )
    with pytest.raises(BadInput):
        selections_of(configured(memories_strategy="best"))


def test_nothing_retrieved_is_nothing_kept() -> None:
    assert selection_of("rules", {}).cut([]) == LaneResult(strategy="adaptive_k")
