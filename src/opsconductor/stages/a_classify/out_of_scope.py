"""Whether a message is for this agent at all: how sure the head is, times how near the nearest example lies."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from opsconductor.ports.embedder import Vectors
from opsconductor.stages.a_classify.head import Example
from opsconductor.stages.a_classify.softmax_regression import Floats

OUT_OF_SCOPE = "out_of_scope"
"""The label of examples that a pack gives of what it cannot do; a class of its own for the head."""

KEPT = 0.95  # the share of in-scope messages that the threshold lets through
_UNCALIBRATED = 0.5  # the threshold of a pack with too few examples to find its own
_FEWEST_TO_CALIBRATE = 20


@dataclass(frozen=True, kw_only=True, eq=False)
class ScopeGate:
    """Which of the head's labels are in scope, where their examples lie, and the least score that passes."""

    in_scope: NDArray[np.bool_]  # [labels], in the head's order
    vectors: NDArray[np.float32]  # [in-scope examples, dimensions]
    threshold: float

    def score(self, vector: NDArray[np.float32], probabilities: Floats) -> float:
        """0 (surely foreign) to 1 (an example, word for word), from a message's embedding and the head's answer."""
        if not len(self.vectors):
            return 0.0
        return scope_score(_best_in_scope(probabilities, self.in_scope), float((self.vectors @ vector).max()))

    def admits(self, score: float, best_label: str) -> bool:
        """Whether a message with this score, which the head puts under `best_label`, is in scope."""
        return best_label != OUT_OF_SCOPE and score >= self.threshold


def scope_score(probability: float, cosine: float) -> float:
    """Root of the best in-scope probability, times the cosine to the nearest in-scope example; at least 0."""
    return float(np.sqrt(probability) * max(cosine, 0.0))


def train_gate(examples: Sequence[Example], vectors: Vectors, labels: Sequence[str], held_out: Floats) -> ScopeGate:
    """A gate whose threshold keeps 95 % of the in-scope examples, each scored as if it were new.

    `labels` are the head's, `held_out` [examples, labels] the probabilities of heads that had not seen the example
    (NaN where none could be had), at the head's temperature; the example itself is left out of its nearest.
    """
    in_scope = np.array([label != OUT_OF_SCOPE for label in labels])
    own = np.flatnonzero([label != OUT_OF_SCOPE for label, _ in examples])
    inside = vectors[own]
    cosines = inside @ inside.T
    np.fill_diagonal(cosines, -1.0)
    scores = [
        scope_score(_best_in_scope(held_out[index], in_scope), float(row.max()))
        for index, row in zip(own, cosines, strict=True)
        if not np.isnan(held_out[index]).any()
    ]
    enough = len(scores) >= _FEWEST_TO_CALIBRATE
    threshold = float(np.quantile(scores, 1 - KEPT)) if enough else _UNCALIBRATED
    return ScopeGate(in_scope=in_scope, vectors=inside, threshold=threshold)


def _best_in_scope(probabilities: Floats, in_scope: NDArray[np.bool_]) -> float:
    return float(probabilities[in_scope].max()) if in_scope.any() else 0.0
