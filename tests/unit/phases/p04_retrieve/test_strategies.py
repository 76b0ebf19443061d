import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsconductor.phases.p04_retrieve.strategies import (
    STRATEGIES,
    adaptive_k,
    clustering,
    elbow,
    entropy,
    finite,
    fixed_k,
    select,
)

ANY_SCORES = st.lists(st.floats(allow_nan=True, allow_infinity=True), max_size=60)


def test_fixed_k_keeps_as_many_as_the_limit() -> None:
    assert select(fixed_k, [3.0, 1.0, 2.0, 0.5], 3) == [0, 2, 1]


@pytest.mark.parametrize(
    ("scores", "kept"),
    [
        ([1.0, 0.95, 0.9, 0.5, 0.49], 3),  # 0.9 → 0.5 is the first drop above 15 %
        ([1.0, 0.84, 0.83], 1),
        ([20.0, 17.0, 16.9], 3),  # exactly 15 % is no elbow
        ([-1.0, -1.1, -2.0], 2),
        ([0.0, 0.0, -0.1], 2),
        ([0.5], 1),
    ],
)
def test_elbow_cuts_at_the_first_relative_drop_above_15_percent(scores: list[float], kept: int) -> None:
    assert elbow(scores) == list(range(kept))


@pytest.mark.parametrize(
    ("scores", "kept"),
    [
        ([1.0, 0.9, 0.8, 0.2, 0.1], 3),  # mean drop 0.225; 0.6 is the first above 0.3375
        ([4.0, 3.0, 2.0, 1.0], 4),
        ([1.0, 1.0, 1.0], 3),
        ([1.0, 0.1, 0.09, 0.08], 1),
        ([9.0, 1.0], 2),  # a single drop is the mean
    ],
)
def test_adaptive_k_cuts_at_the_first_drop_above_1_5_times_the_mean(scores: list[float], kept: int) -> None:
    assert adaptive_k(scores) == list(range(kept))


@pytest.mark.parametrize(
    ("scores", "kept"),
    [
        ([1.0, 0.01, 0.01, 0.01, 0.01], 3),  # nearly all weight on one: entropy below 1
        ([1.0, 1.0, 1.0, 1.0, 1.0, 1.0], 5),  # ln 6 = 1.79
        ([1.0, 0.1, 0.1, 0.1, 0.1], 3),  # 0.995
        ([1.0, 0.2, 0.2, 0.2, 0.2], 5),  # 1.30
        ([1.0] * 8, 8),  # ln 8 = 2.08
        ([1.0] * 20, 10),  # ln 20 = 3.0
        ([0.0] * 20, 10),
        ([-1.0] * 20, 10),
        ([0.7, 0.2], 2),
    ],
)
def test_entropy_keeps_3_5_or_10(scores: list[float], kept: int) -> None:
    assert entropy(scores) == list(range(kept))


def test_clustering_keeps_the_best_3_of_each_cluster() -> None:
    scores = [1.0, 0.99, 0.98, 0.97, 0.5, 0.49, 0.48, 0.47, 0.0]
    assert clustering(scores) == [0, 1, 2, 4, 5, 6, 8]
    assert clustering([2.0] * 5) == [0, 1, 2]


@pytest.mark.parametrize("name", STRATEGIES)
def test_one_item_stays_and_none_gives_none(name: str) -> None:
    assert select(STRATEGIES[name], [0.3], 10) == [0]
    assert select(STRATEGIES[name], [], 10) == []


@given(name=st.sampled_from(sorted(STRATEGIES)), scores=ANY_SCORES, limit=st.integers(0, 20))
def test_any_scores_give_distinct_places_within_the_limit_best_first(
    name: str, scores: list[float], limit: int
) -> None:
    kept = select(STRATEGIES[name], scores, limit)
    assert len(kept) == len(set(kept)) <= limit
    assert all(0 <= place < len(scores) for place in kept)
    values = [finite(scores[place]) for place in kept]
    assert values == sorted(values, reverse=True)
    if scores and limit:
        assert values[0] == max(finite(score) for score in scores)


@given(name=st.sampled_from(["adaptive_k", "elbow", "clustering", "entropy"]), scores=ANY_SCORES)
def test_equal_scores_are_cut_by_number_alone(name: str, scores: list[float]) -> None:
    same = [finite(scores[0])] * len(scores) if scores else []
    kept = len(STRATEGIES[name](same))
    assert kept == {"clustering": min(3, len(same))}.get(name, kept)
    if name in {"adaptive_k", "elbow"}:
        assert kept == len(same)


def test_nan_and_infinite_scores_become_numbers() -> None:
    assert finite(math.inf) > 1e299
    assert finite(-math.inf) < -1e299
    assert finite(math.nan) == finite(-math.inf)
    assert select(fixed_k, [math.nan, math.inf, 1.0, -math.inf], 4) == [1, 2, 0, 3]
