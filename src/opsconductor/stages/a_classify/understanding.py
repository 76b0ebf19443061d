"""What a pack's examples teach, in one value: intent head and scope gate, learned together and cached together."""

import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from opsconductor.ports.embedder import Vectors
from opsconductor.ports.intent_model import Prediction
from opsconductor.stages.a_classify.head import (
    Example,
    IntentHead,
    calibrated,
    held_out_probabilities,
    numbered,
    tempered,
    train_head,
)
from opsconductor.stages.a_classify.out_of_scope import ScopeGate, train_gate

_FORMAT = "understanding/1"  # raise when an array, tf_idf or the training changes meaning: older caches no longer count


@dataclass(frozen=True, kw_only=True, eq=False)
class Understanding:
    """A pack's head and gate: an IntentModel as a pure value, safe to share between threads."""

    head: IntentHead
    gate: ScopeGate

    @classmethod
    def learn(cls, examples: Sequence[Example], vectors: Vectors) -> "Understanding":
        """Head and gate from labelled masked texts and their embeddings, [examples, dimensions]; under 1 s for 300.

        The same examples teach the same. Raises ValueError without examples or when the two do not match.
        """
        raw = train_head(examples, vectors)
        held_out = held_out_probabilities(examples, vectors)
        head = calibrated(raw, held_out, numbered(examples)[1])
        gate = train_gate(examples, vectors, head.labels, tempered(held_out, head.temperature))
        return cls(head=head, gate=gate)

    def predict(self, vector: Sequence[float], masked_text: str) -> Prediction:
        """See the intent model port; `vector` is [dimensions], of the same embedder as the examples' vectors."""
        array = np.asarray(vector, dtype=np.float32)
        probabilities = self.head.probabilities(array, masked_text)
        ranked = tuple(self.head.ranked(probabilities))
        score = self.gate.score(array, probabilities)
        return Prediction(ranked=ranked, scope_score=score, in_scope=self.gate.admits(score, ranked[0][0]))

    def to_bytes(self, digest: str) -> bytes:
        """The content of a cache file: a line that names format, source and checksum, then an npz archive.

        `digest` names what it was learned from, pack and embedder; one line, freely chosen.
        """
        file = io.BytesIO()
        np.savez(
            file,
            labels=np.array(self.head.labels),
            embedding_weights=self.head.embedding_weights,
            word_weights=self.head.word_weights,
            inverse_frequencies=self.head.inverse_frequencies,
            temperature=np.array(self.head.temperature),
            in_scope=self.gate.in_scope,
            vectors=self.gate.vectors,
            threshold=np.array(self.gate.threshold),
        )
        return _stamp(digest, file.getvalue()) + file.getvalue()

    @classmethod
    def from_bytes(cls, content: bytes, digest: str) -> "Understanding | None":
        """What `to_bytes` wrote, or None when it is damaged, of another format or learned from something else."""
        stamp, _, body = content.partition(b"\n")
        if stamp + b"\n" != _stamp(digest, body):
            return None
        with np.load(io.BytesIO(body), allow_pickle=False) as file:
            head = IntentHead(
                labels=tuple(str(label) for label in file["labels"]),
                embedding_weights=file["embedding_weights"],
                word_weights=file["word_weights"],
                inverse_frequencies=file["inverse_frequencies"],
                temperature=float(file["temperature"]),
            )
            gate = ScopeGate(in_scope=file["in_scope"], vectors=file["vectors"], threshold=float(file["threshold"]))
        return cls(head=head, gate=gate)


def _stamp(digest: str, body: bytes) -> bytes:
    return f"{_FORMAT} {digest} {hashlib.sha256(body).hexdigest()}\n".encode()
