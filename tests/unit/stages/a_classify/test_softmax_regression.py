import numpy as np
import pytest

from opsconductor.stages.a_classify.softmax_regression import Floats, fit, minimise, softmax


def blobs(examples: int, width: int, classes: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(7)
    targets = np.arange(examples) % classes
    features = random.standard_normal((classes, width))[targets] + 0.8 * random.standard_normal((examples, width))
    features /= np.linalg.norm(features, axis=1, keepdims=True)
    return features.astype(np.float32), targets


def slope(features: np.ndarray, targets: np.ndarray, weights: Floats, strength: float) -> Floats:
    examples, classes = len(features), weights.shape[1]
    counts = np.bincount(targets, minlength=classes)
    error = softmax(features @ weights[:-1] + weights[-1]) - np.eye(classes)[targets]
    error /= (classes * counts[targets])[:, None]
    return np.vstack([features.T @ error + weights[:-1] / (strength * examples), error.sum(axis=0, keepdims=True)])


@pytest.mark.parametrize(("examples", "width"), [(120, 20), (40, 300)])
def test_the_fit_is_the_optimum_whether_tall_or_wide(examples: int, width: int) -> None:
    features, targets = blobs(examples, width, 4)
    weights = fit(features, targets, 4, strength=10)
    at_zero = slope(features, targets, np.zeros_like(weights), 10)
    assert np.abs(slope(features, targets, weights, 10)).max() < 2e-3 * np.abs(at_zero).max()


def test_unseen_points_fall_to_their_class() -> None:
    features, targets = blobs(200, 30, 5)
    weights = fit(features[:100], targets[:100], 5, strength=10)
    guesses = (features[100:] @ weights[:-1] + weights[-1]).argmax(axis=1)
    assert (guesses == targets[100:]).mean() > 0.9


def test_a_class_counts_the_same_however_many_examples_it_has() -> None:
    features = np.array([[1.0, 0.0]] * 9 + [[0.0, 1.0]], dtype=np.float32)
    weights = fit(features, np.array([0] * 9 + [1]), 2, strength=10)
    halfway = softmax(np.array([[0.5, 0.5]]) @ weights[:-1] + weights[-1])
    assert halfway[0] == pytest.approx([0.5, 0.5], abs=0.01)


def test_equal_examples_give_equal_weights() -> None:
    features, targets = blobs(60, 100, 6)
    first = fit(features, targets, 6, strength=30)
    assert np.array_equal(first, fit(features.copy(), targets.copy(), 6, strength=30))


def test_the_same_example_twice_is_no_trouble() -> None:
    features, targets = blobs(12, 100, 3)
    weights = fit(np.vstack([features, features]), np.concatenate([targets, targets]), 3, strength=10)
    assert np.isfinite(weights).all()
    assert ((features @ weights[:-1] + weights[-1]).argmax(axis=1) == targets).all()


def test_softmax_survives_huge_scores() -> None:
    assert softmax(np.array([1e4, 0.0, -1e4])) == pytest.approx([1.0, 0.0, 0.0])


def test_the_minimum_of_a_narrow_valley_is_found() -> None:
    scale = np.array([1.0, 1e3, 1e-2])
    goal = np.array([3.0, -2.0, 50.0])

    def valley(point: Floats) -> tuple[float, Floats]:
        away = point[0] - goal
        return float(0.5 * (scale * away**2).sum()), np.stack([scale * away, scale * away])

    assert (scale * np.abs(minimise(valley, np.zeros((2, 3)))[0] - goal)).max() < 1.0


def test_a_start_at_the_minimum_stays_there() -> None:
    assert not minimise(lambda point: (float((point[0] ** 2).sum()), 2 * point), np.zeros((2, 3))).any()
