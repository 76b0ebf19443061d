"""The trained heads of one catalogue: which intent a masked text means, and whether it is in scope at all."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from opsconductor.domain.catalogue import Catalogue


@dataclass(frozen=True, kw_only=True)
class Prediction:
    """Intent labels with probabilities, highest first, and the scope verdict."""

    ranked: tuple[tuple[str, float], ...]  # (category/action, probability)
    scope_score: float  # √p · best cosine; compared with the catalogue's own threshold
    in_scope: bool


class IntentModel(Protocol):
    """Deterministic: the same vector and text give the same prediction."""

    def predict(self, vector: Sequence[float], masked_text: str) -> Prediction:
        """The prediction for one text; `vector` is its embedding."""
        ...


class IntentModels(Protocol):
    """Gives the model of a catalogue, training it once per pack digest."""

    async def model_for(self, catalogue: Catalogue) -> IntentModel:
        """From memory, from the cache of the home, or trained now (under 2 s)."""
        ...
