"""The intent head: which of the pack's labels a masked message fits, from its embedding and, for a part, its words."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from opsconductor.ports.embedder import Vectors
from opsconductor.stages.a_classify import tf_idf
from opsconductor.stages.a_classify.softmax_regression import Floats, fit, softmax

Example = tuple[str, str]
"""Label and masked text, as a pack gives them: ("automation/service_restart", "bounce {service} on {host}")."""

WORDS_SHARE = 0.3
_STRENGTH = 30.0
_FOLDS = 5
_TEMPERATURES = np.geomspace(0.2, 4.0, 60)
_FEWEST_TO_CALIBRATE = 20


@dataclass(frozen=True, kw_only=True, eq=False)
class IntentHead:
    """A trained head; a pure value, safe to share between threads."""

    labels: tuple[str, ...]
    embedding_weights: NDArray[np.float32]  # [dimensions + 1, labels], last row the bias
    word_weights: NDArray[np.float32]  # [BUCKETS + 1, labels], last row the bias
    inverse_frequencies: NDArray[np.float32]  # [BUCKETS]
    temperature: float = 1.0  # below 1 sharpens; set so that a probability is how often the head is right

    def probabilities(self, vector: NDArray[np.float32], text: str) -> Floats:
        """One a label, in the order of `labels`; they add up to 1.

        `vector` is the embedding of `text`, [dimensions]; `text` has its entities masked.
        """
        meaning = softmax((vector @ self.embedding_weights[:-1] + self.embedding_weights[-1]).astype(np.float64))
        places, values = tf_idf.sparse(text, self.inverse_frequencies)
        words = softmax((values @ self.word_weights[places] + self.word_weights[-1]).astype(np.float64))
        return tempered((meaning + WORDS_SHARE * words) / (1 + WORDS_SHARE), self.temperature)

    def predict(self, vector: NDArray[np.float32], text: str) -> list[tuple[str, float]]:
        """Every label with its probability, best first; arguments as for `probabilities`."""
        return self.ranked(self.probabilities(vector, text))

    def ranked(self, probabilities: Floats) -> list[tuple[str, float]]:
        """The labels with these probabilities, best first; equal ones by name."""
        best_first = np.argsort(-probabilities, kind="stable")
        return [(self.labels[index], float(probabilities[index])) for index in best_first]


def train_head(examples: Sequence[Example], vectors: Vectors) -> IntentHead:
    """A head for the labels of `examples`; the same examples give the same head.

    `vectors` are the embeddings of the examples' texts, [examples, dimensions]. Labels are sorted by name and a label
    counts the same however many examples it has. Raises ValueError without examples or when the two do not match.
    """
    if not examples or len(examples) != len(vectors):
        raise ValueError(f"{len(examples)} examples with {len(vectors)} vectors cannot train a head")
    labels, targets = numbered(examples)
    texts = [text for _, text in examples]
    inverse = tf_idf.inverse_frequencies(texts)
    return IntentHead(
        labels=labels,
        embedding_weights=fit(vectors, targets, len(labels), strength=_STRENGTH).astype(np.float32),
        word_weights=fit(tf_idf.dense(texts, inverse), targets, len(labels), strength=_STRENGTH).astype(np.float32),
        inverse_frequencies=inverse,
    )


def held_out_probabilities(examples: Sequence[Example], vectors: Vectors) -> Floats:
    """What heads say of examples they were not trained on, [examples, labels sorted by name], at temperature 1.

    Each label's examples are dealt into five hands. The row of a label's only example is NaN: nothing can be said.
    """
    labels, targets = numbered(examples)
    hands = np.full(len(examples), -1)
    for label in range(len(labels)):
        own = np.flatnonzero(targets == label)
        if len(own) > 1:
            hands[own] = np.arange(len(own)) % _FOLDS
    found = np.full((len(examples), len(labels)), np.nan)
    for hand in range(hands.max() + 1):
        seen = np.flatnonzero(hands != hand).tolist()
        head = train_head([examples[index] for index in seen], vectors[seen])
        for index in np.flatnonzero(hands == hand).tolist():
            found[index] = head.probabilities(vectors[index], examples[index][1])
    return found


def calibrated(head: IntentHead, held_out: Floats, targets: NDArray[np.int64]) -> IntentHead:
    """`head` at the temperature that makes `held_out` (see above) most likely; unchanged when it tells too little."""
    rows = np.flatnonzero(~np.isnan(held_out).any(axis=1))
    if len(rows) < _FEWEST_TO_CALIBRATE:
        return head

    def surprise(temperature: float) -> float:
        right = tempered(held_out[rows], temperature)[np.arange(len(rows)), targets[rows]]
        return -float(np.log(np.maximum(right, 1e-12)).mean())

    return replace(head, temperature=min((float(each) for each in _TEMPERATURES), key=surprise))


def numbered(examples: Sequence[Example]) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    """The labels sorted by name, and each example's place among them."""
    labels = tuple(sorted({label for label, _ in examples}))
    places = {label: place for place, label in enumerate(labels)}
    return labels, np.array([places[label] for label, _ in examples], dtype=np.int64)


def tempered(probabilities: Floats, temperature: float) -> Floats:
    """Rows of probabilities made sharper (temperature below 1) or flatter; order and sum stay."""
    return softmax(np.log(np.maximum(probabilities, 1e-12)) / temperature)
