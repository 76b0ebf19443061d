"""Multinomial logistic regression in numpy, for the few hundred examples of a pack: deterministic and quick."""

from collections import deque
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Objective = Callable[[Floats], tuple[float, Floats]]

_MEMORY = 10  # past steps that L-BFGS keeps
_STEPS = 200
_LIFT = 1e-4  # on rows of length about 1: keeps equal examples, seen with float32 eyes, from making a negative root
_TOLERANCE = 1e-4  # of the largest slope; far below what changes a ranking


def softmax(scores: Floats) -> Floats:
    """Rows of scores to rows of probabilities, without overflow."""
    shifted = np.exp(scores - scores.max(axis=-1, keepdims=True))
    probabilities: Floats = shifted / shifted.sum(axis=-1, keepdims=True)
    return probabilities


def fit(features: NDArray[np.float32], targets: NDArray[np.int64], classes: int, *, strength: float) -> Floats:
    """Weights [features + 1, classes], the last row the bias; `strength` is how far examples outweigh the prior.

    `features` is [examples, features], `targets` a class number an example; every class counts the same, however
    many examples it has. With fewer examples than features the work is done in the examples' own space: the answer
    is the same (the optimum lies in it), and the time no longer depends on the width.
    """
    examples, width = features.shape
    if examples >= width:
        return _fit(features, targets, classes, strength)
    gram: Floats = (features @ features.T).astype(np.float64)
    narrow = np.linalg.cholesky(gram + _LIFT * np.eye(examples))
    weights = _fit(narrow.astype(np.float32), targets, classes, strength)
    return np.vstack([features.T @ np.linalg.solve(narrow.T, weights[:-1]), weights[-1:]])


def _fit(features: NDArray[np.float32], targets: NDArray[np.int64], classes: int, strength: float) -> Floats:
    examples, width = features.shape
    counts = np.bincount(targets, minlength=classes)
    share = (examples / (np.count_nonzero(counts) * counts[targets]))[:, None] / examples
    wanted = np.eye(classes)[targets]
    pull = 1.0 / (strength * examples)

    def objective(flat: Floats) -> tuple[float, Floats]:
        weights = flat.reshape(width + 1, classes)
        guess = softmax((features @ weights[:-1].astype(np.float32)).astype(np.float64) + weights[-1])
        loss = -float((share * wanted * np.log(np.maximum(guess, 1e-300))).sum())
        error = share * (guess - wanted)
        slope = np.vstack(
            [features.T @ error.astype(np.float32) + pull * weights[:-1], error.sum(axis=0, keepdims=True)]
        )
        return loss + 0.5 * pull * float((weights[:-1] ** 2).sum()), slope.ravel()

    return minimise(objective, np.zeros((width + 1) * classes)).reshape(width + 1, classes)


def minimise(objective: Objective, start: Floats) -> Floats:
    """Where a smooth convex `objective` (value and slope at a point) is least, by L-BFGS from `start`."""
    point = start
    value, slope = objective(point)
    past: deque[tuple[Floats, Floats, float]] = deque(maxlen=_MEMORY)
    largest = float(np.abs(slope).max())
    for _ in range(_STEPS):
        if np.abs(slope).max() <= _TOLERANCE * largest:
            break
        direction = -_curved(slope, past)
        downhill = float(slope @ direction)
        length = 1.0
        while True:
            step = length * direction
            there, there_slope = objective(point + step)
            if there <= value + 1e-4 * length * downhill:
                break
            length /= 2
            if length < 1e-10:  # no better point within the precision of a float
                return point
        change = there_slope - slope
        curvature = float(change @ step)
        if curvature > 0:
            past.append((step, change, 1.0 / curvature))
        point, value, slope = point + step, there, there_slope
    return point


def _curved(slope: Floats, past: deque[tuple[Floats, Floats, float]]) -> Floats:
    """The inverse curvature that the past steps show, applied to `slope` (the two loops of L-BFGS)."""
    result = slope.copy()
    weights: list[float] = []
    for step, change, inverse in reversed(past):
        weights.append(inverse * float(step @ result))
        result -= weights[-1] * change
    if past:
        step, change, inverse = past[-1]
        result /= inverse * float(change @ change)
    for (step, change, inverse), weight in zip(past, reversed(weights), strict=True):
        result += step * (weight - inverse * float(change @ result))
    return result
