"""A double of the trained heads: says what a test tells it to."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from opsconductor.domain.catalogue import Catalogue
from opsconductor.ports.embedder import Embedder
from opsconductor.ports.intent_model import IntentModel, Prediction
from opsconductor.testing.contracts.intent_model import CATALOGUE

FOREIGN = Prediction(ranked=(("out_of_scope", 1.0),), scope_score=0.0, in_scope=False)


class ScriptedIntentModelDouble:
    """Predictions by masked text; a text without one is out of scope."""

    def __init__(self, predictions: Mapping[str, Prediction]) -> None:
        self._predictions = predictions

    def predict(self, vector: Sequence[float], masked_text: str) -> Prediction:
        """See the port."""
        return self._predictions.get(masked_text, FOREIGN)


class ScriptedIntentModelsDouble:
    """The same model for every catalogue."""

    def __init__(self, predictions: Mapping[str, Prediction]) -> None:
        self._model = ScriptedIntentModelDouble(predictions)

    async def model_for(self, catalogue: Catalogue) -> IntentModel:
        """See the port."""
        return self._model


def sure(label: str, confidence: float = 0.95, **others: float) -> Prediction:
    """In scope, `label` first; `others` are further labels, written with `__` for the slash."""
    ranked = {label: confidence} | {name.replace("__", "/"): chance for name, chance in others.items()}
    return Prediction(
        ranked=tuple(sorted(ranked.items(), key=lambda one: -one[1])), scope_score=confidence, in_scope=True
    )


@asynccontextmanager
async def open_intent_models(embedder: Embedder, folder: Path) -> AsyncIterator[ScriptedIntentModelsDouble]:
    """A fresh double that knows the contract's examples; embedder and folder are not needed."""
    yield ScriptedIntentModelsDouble(
        {text: sure(intent.label) for intent in CATALOGUE.intents for text in intent.examples}
    )
