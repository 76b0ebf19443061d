"""Multinomial logistic regression in numpy, for the few hundred examples of a pack: deterministic and quick.

It works in the examples' own space: the optimum is a weighted sum of the examples, so only their products with each
other matter, however many features they have.
"""

from collections import deque
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Objective = Callable[[Floats], tuple[float, Floats]]

_UNTHREADED = 250_000  # multiplications; OpenBLAS takes threads from 262,144 on
_MEMORY = 6  # past steps that L-BFGS keeps
_STEPS = 200
_TOLERANCE = 3e-4  # of the largest slope; far below what changes a ranking


def softmax(scores: Floats) -> Floats:
    """Rows of scores to rows of probabilities, without overflow."""
    shifted = np.exp(scores - scores.max(axis=-1, keepdims=True))
    probabilities: Floats = shifted / shifted.sum(axis=-1, keepdims=True)
    return probabilities


def fit(features: NDArray[np.float32], targets: NDArray[np.int64], classes: int, *, strength: float) -> Floats:
    """Weights [features + 1, classes], the last row the bias; `strength` is how far examples outweigh the prior.

    `features` is [examples, features], `targets` a class number an example; every class counts the same, however
    many examples it has.
    """
    examples = len(features)
    places = np.arange(examples)
    products = _Sliced(features @ features.T, classes)
    counts = np.bincount(targets, minlength=classes)
    share = (examples / (np.count_nonzero(counts) * counts[targets]))[:, None] / examples
    wanted = np.eye(classes)[targets]
    pull = 1.0 / (strength * examples)

    def objective(point: Floats) -> tuple[float, Floats]:
        """`point` holds, [0], each example's weight and the bias, and, [1], what that makes of each example."""
        mine, made = point[0, :-1], point[1, :-1]
        guess = softmax(made + point[0, -1])
        loss = -float((share[:, 0] * np.log(np.maximum(guess[places, targets], 1e-300))).sum())
        error = share * (guess - wanted)
        slope = error + pull * mine
        bias = error.sum(axis=0, keepdims=True)
        both = np.stack([np.vstack([slope, bias]), np.vstack([products.times(slope), bias])])
        return loss + 0.5 * pull * float((mine * made).sum()), both

    best = minimise(objective, np.zeros((2, examples + 1, classes)))[0]
    return np.vstack([features.T @ best[:-1].astype(np.float32), best[-1:]])


def minimise(objective: Objective, start: Floats) -> Floats:
    """Where a smooth convex `objective` (value and slope at a point) is least, by L-BFGS from `start`.

    Points and slopes are pairs along the first axis: coordinates, and the same with the metric applied, so that the
    product of two is that of the one's first with the other's second. With no metric of its own, both are equal.
    """
    point = start
    value, slope = objective(point)
    past: deque[tuple[Floats, Floats, float]] = deque(maxlen=_MEMORY)
    largest = float(np.abs(slope[1]).max())
    for _ in range(_STEPS):
        if np.abs(slope[1]).max() <= _TOLERANCE * largest:
            break
        direction = -_curved(slope, past)
        downhill = _product(slope, direction)
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
        curvature = _product(change, step)
        if curvature > 0:
            past.append((step, change, 1.0 / curvature))
        point, value, slope = point + step, there, there_slope
    return point


def _curved(slope: Floats, past: deque[tuple[Floats, Floats, float]]) -> Floats:
    """The inverse curvature that the past steps show, applied to `slope` (the two loops of L-BFGS)."""
    result = slope.copy()
    weights: list[float] = []
    for step, change, inverse in reversed(past):
        weights.append(inverse * _product(step, result))
        result -= weights[-1] * change
    if past:
        step, change, inverse = past[-1]
        result /= inverse * _product(change, change)
    for (step, change, inverse), weight in zip(past, reversed(weights), strict=True):
        result += step * (weight - inverse * _product(change, result))
    return result


def _product(first: Floats, second: Floats) -> float:
    return float((first[0] * second[1]).sum())


class _Sliced:
    """A matrix for many products with narrow ones, in slices so small that the BLAS starts no threads for them.

    Its threads wait for each other by spinning: on a busy machine that made 16 s of what takes 0.6 s.
    """

    def __init__(self, matrix: NDArray[np.float32], columns: int) -> None:
        """`columns` is how many the other factor will have."""
        self._rows, width = matrix.shape
        height = max(1, _UNTHREADED // (width * columns))
        slices = -(-self._rows // height)
        padded = np.zeros((slices * height, width), dtype=np.float32)
        padded[: self._rows] = matrix
        self._slices = padded.reshape(slices, height, width)

    def times(self, narrow: Floats) -> Floats:
        """The product, computed in single precision."""
        product = self._slices @ narrow.astype(np.float32)
        return product.reshape(-1, narrow.shape[1])[: self._rows].astype(np.float64)
