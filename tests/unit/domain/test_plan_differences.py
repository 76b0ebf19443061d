"""Sentences for what came otherwise than predicted, and none for what came as predicted."""

import pytest

from opsconductor.domain.plan_differences import change_difference, time_difference

A, B, C = "deploy on app-01", "deploy on app-02", "deploy on app-03"


@pytest.mark.parametrize(
    ("changed", "undone", "unknown", "words"),
    [
        ([A, B], [], [], ""),
        ([A], [], [], f"Of 2 predicted changes 1 stands. Not made: {B}."),
        ([], [A], [], f"Of 2 predicted changes none stand. Not made: {B}. Made and taken back: {A}."),
        ([A], [], [B], f"Of 2 predicted changes 1 stands. Not known: {B}."),
        ([A, B, C], [], [], f"Of 2 predicted changes 3 stand. Not predicted: {C}."),
    ],
)
def test_what_does_not_stand_as_predicted_is_said(
    changed: list[str], undone: list[str], unknown: list[str], words: str
) -> None:
    assert change_difference([A, B], changed, undone, unknown) == words


def test_a_single_change_tells_of_itself() -> None:
    assert change_difference([A], [], [], []) == ""
    assert change_difference([A], [], [], [A]) == ""
    assert change_difference([A], [A, B], [], []) == f"Of 1 predicted change 2 stand. Not predicted: {B}."
    assert change_difference([], [A], [], []) == ""


@pytest.mark.parametrize(
    ("estimate_s", "actual_s", "words"),
    [
        (5.0, 12.0, "It was estimated at 5 s and took 12.0 s."),
        (5.0, 9.9, ""),
        (1.0, 5.9, ""),
        (60.0, 70.0, ""),
        (5.0, None, ""),
    ],
)
def test_only_a_run_that_took_much_longer_is_said(estimate_s: float, actual_s: float | None, words: str) -> None:
    assert time_difference(estimate_s, actual_s) == words
