"""An order to take a change back is never understood as another change, however alike the words are."""

import re
from collections.abc import Sequence

from opsconductor.domain.decision import IntentGuess
from opsconductor.domain.knowledge import Intent, Mode

_TAKES_BACK = re.compile(
    r"(?<![\w-])(?:roll(?:ed|ing|s)?(?:\s+[^\s,;]+){0,6}?\s+back|roll-?backs?|revert\w*|undo(?:ing|ne)?|back(?:ing|ed)?\s+out"
    r"|downgrad\w+|take\s+back|(?:go|put|set|switch|change|take|move)(?:\s+[^\s,;]+){0,6}?\s+back\s+to)(?![\w-])",
    re.IGNORECASE,
)


def without_mistaken(text: str, ranked: Sequence[IntentGuess], intents: Sequence[Intent]) -> tuple[IntentGuess, ...]:
    """`ranked`; where `text` takes something back, without intents that change things and have no such example."""
    if not takes_back(text):
        return tuple(ranked)
    mistaken = {
        intent.label for intent in intents if intent.mode is Mode.ACT and not any(map(takes_back, intent.examples))
    }
    return tuple([guess for guess in ranked if guess.label not in mistaken])


def takes_back(text: str) -> bool:
    """Whether `text` speaks of going back to what was before a change."""
    return _TAKES_BACK.search(text) is not None
