"""The ranked intents of one message: the trained head leads, the intent lane has a smaller say."""

from collections.abc import Iterable, Sequence

from opsconductor.domain.decision import IntentGuess
from opsconductor.domain.knowledge import Intent
from opsconductor.domain.retrieval import LaneResult
from opsconductor.ports.intent_model import Prediction

LANE_SHARE = 0.1


def guesses(prediction: Prediction, lane: LaneResult[Intent], intents: Sequence[Intent]) -> tuple[IntentGuess, ...]:
    """The catalogue's intents with their confidence, highest first; an empty or failed lane has no say."""
    share = LANE_SHARE if lane.items else 0.0
    total = sum(max(scored.score, 0.0) for scored in lane.items) or 1.0
    near = {scored.item.label: max(scored.score, 0.0) / total for scored in lane.items}
    chances = dict(prediction.ranked)
    by_label = {intent.label: intent for intent in intents}

    def confidence(label: str) -> float:
        return round((1 - share) * chances.get(label, 0.0) + share * near.get(label, 0.0), 4)

    ranked = sorted([(-confidence(label), label) for label in by_label])  # equal ones by name
    return tuple(
        [
            IntentGuess(category=by_label[label].category, action=by_label[label].action, confidence=-below)
            for below, label in ranked
        ]
    )


def alike(first: IntentGuess, ranked: Iterable[IntentGuess], intents: Sequence[Intent]) -> float:
    """How sure it is that one of the intents is meant that do the same as `first`: same mode, same tools."""
    label = first.label
    meant = next((intent for intent in intents if intent.label == label), None)
    if meant is None or not meant.tools:
        return round(min(first.confidence, 1.0), 4)
    same = {intent.label for intent in intents if intent.mode is meant.mode and intent.tools == meant.tools} - {label}
    others = sum(guess.confidence for guess in ranked if guess.label in same) if same else 0.0
    return round(min(first.confidence + others, 1.0), 4)
