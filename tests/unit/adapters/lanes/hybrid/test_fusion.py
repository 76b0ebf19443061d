import numpy as np
import pytest

from opsconductor.adapters.lanes.hybrid.fusion import best, fuse

NOBODY = np.array([], dtype=np.intp)


def test_the_best_of_the_candidates_come_in_order() -> None:
    scores = np.array([0.1, 0.9, 0.5, 0.9, -1.0], dtype=np.float32)
    assert best(scores, np.arange(5), 3).tolist() == [1, 3, 2]
    assert best(scores, np.array([0, 4]), 3).tolist() == [0, 4]
    assert best(scores, np.array([], dtype=np.intp), 3).tolist() == []


def test_first_in_two_orders_scores_one_and_agreement_beats_a_single_first_place() -> None:
    fused = fuse([np.array([7, 3]), np.array([7, 5])], NOBODY)
    assert fused[0] == (7, pytest.approx(1.0))
    assert [place for place, _ in fuse([np.array([1, 2]), np.array([3, 2])], NOBODY)] == [2, 1, 3]


def test_equal_scores_are_ordered_by_place() -> None:
    assert [place for place, _ in fuse([np.array([9]), np.array([4])], NOBODY)] == [4, 9]


def test_a_preferred_item_comes_up_to_the_best_and_never_above() -> None:
    plain = dict(fuse([np.array([1, *range(10, 40), 2])], NOBODY))
    lifted = dict(fuse([np.array([1, *range(10, 40), 2])], np.array([2])))
    assert plain[2] < plain[39] < plain[10]
    assert lifted[10] < lifted[2] == lifted[1]
