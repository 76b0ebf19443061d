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
    found = [
        IntentGuess(
            category=intent.category,
            action=intent.action,
            confidence=round((1 - share) * chances.get(intent.label, 0.0) + share * near.get(intent.label, 0.0), 4),
        )
        for intent in intents
    ]
    return tuple(sorted(found, key=lambda guess: (-guess.confidence, guess.label)))


def alike(first: IntentGuess, ranked: Iterable[IntentGuess], intents: Sequence[Intent]) -> float:
    """How sure it is that one of the intents is meant that do the same as `first`: same mode, same tools."""
    does = {intent.label: (intent.mode, intent.tools) for intent in intents}
    wanted = does.get(first.label)
    same = [guess for guess in ranked if guess.label != first.label and wanted and does.get(guess.label) == wanted]
    useful = bool(wanted and wanted[1])
    together = first.confidence + (sum(guess.confidence for guess in same) if useful else 0.0)
    return round(min(together, 1.0), 4)
