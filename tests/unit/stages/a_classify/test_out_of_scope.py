import numpy as np
import pytest

from opsconductor.stages.a_classify.out_of_scope import OUT_OF_SCOPE, ScopeGate, scope_score, train_gate

LABELS = ("count", OUT_OF_SCOPE, "restart")


def gate(threshold: float = 0.5) -> ScopeGate:
    return ScopeGate(
        in_scope=np.array([True, False, True]),
        vectors=np.array([[1.0, 0.0], [0.0, 1.0]], dtype=np.float32),
        threshold=threshold,
    )


def unit(degrees: float) -> np.ndarray:
    return np.array([np.cos(np.radians(degrees)), np.sin(np.radians(degrees))], dtype=np.float32)


def test_an_example_said_with_certainty_scores_one() -> None:
    assert gate().score(unit(0), np.array([1.0, 0.0, 0.0])) == pytest.approx(1.0)


def test_a_far_text_scores_low_however_sure_the_head_is() -> None:
    assert gate().score(unit(180), np.array([1.0, 0.0, 0.0])) == pytest.approx(0.0, abs=1e-6)


def test_a_near_text_scores_low_when_the_head_is_unsure() -> None:
    assert gate().score(unit(0), np.array([0.04, 0.94, 0.02])) == pytest.approx(0.2)


def test_the_probability_of_being_foreign_does_not_count_as_fitting() -> None:
    assert gate().score(unit(0), np.array([0.0, 1.0, 0.0])) == 0.0


def test_an_opposite_text_scores_zero_and_not_less() -> None:
    assert scope_score(1.0, -0.7) == 0.0


@pytest.mark.parametrize(
    ("score", "best", "admitted"), [(0.5, "count", True), (0.49, "count", False), (1.0, OUT_OF_SCOPE, False)]
)
def test_what_scores_enough_and_is_not_named_foreign_is_admitted(score: float, best: str, admitted: bool) -> None:
    assert gate(0.5).admits(score, best) is admitted


def examples_around_the_circle() -> tuple[list[tuple[str, str]], np.ndarray, np.ndarray]:
    angles = np.cumsum(np.linspace(0.5, 5.0, 100))
    vectors = np.stack([unit(angle) for angle in angles])
    held_out = np.tile([0.81, 0.1, 0.09], (100, 1))
    return [("count", f"text {n}") for n in range(100)], vectors, held_out


def test_the_threshold_keeps_95_of_100_examples_as_if_they_were_new() -> None:
    examples, vectors, held_out = examples_around_the_circle()
    threshold = train_gate(examples, vectors, LABELS, held_out).threshold
    alone = vectors @ vectors.T - 2 * np.eye(100)
    scores = 0.9 * alone.max(axis=1)
    assert (scores >= threshold).sum() == 95
    assert threshold < 0.9  # were an example its own nearest, every score would be 0.9


def test_foreign_examples_neither_set_the_threshold_nor_lend_nearness() -> None:
    examples, vectors, held_out = examples_around_the_circle()
    plain = train_gate(examples, vectors, LABELS, held_out)
    foreign = [*examples, *[(OUT_OF_SCOPE, f"cake {n}") for n in range(50)]]
    with_foreign = train_gate(
        foreign,
        np.vstack([vectors, np.tile(-unit(30), (50, 1))]),
        LABELS,
        np.vstack([held_out, np.tile([0.0, 1.0, 0.0], (50, 1))]),
    )
    assert with_foreign.threshold == plain.threshold
    assert np.array_equal(with_foreign.vectors, plain.vectors)


def test_too_few_examples_give_a_careful_threshold() -> None:
    examples, vectors, held_out = examples_around_the_circle()
    assert train_gate(examples[:5], vectors[:5], LABELS, held_out[:5]).threshold == 0.5
    unknown = np.full_like(held_out, np.nan)
    assert train_gate(examples, vectors, LABELS, unknown).threshold == 0.5


def test_a_pack_of_foreign_examples_only_admits_nothing() -> None:
    foreign = [(OUT_OF_SCOPE, "cake")]
    only = train_gate(foreign, np.stack([unit(0)]), (OUT_OF_SCOPE,), np.array([[np.nan]]))
    assert not only.admits(only.score(unit(0), np.array([1.0])), OUT_OF_SCOPE)
    assert only.score(unit(0), np.array([1.0])) == 0.0
