"""DecisionV1: what stage A understood."""

from dataclasses import dataclass

from opsconductor.domain.entities import Entity
from opsconductor.domain.knowledge import Mode


@dataclass(frozen=True, kw_only=True)
class IntentGuess:
    """An intent with its probability."""

    category: str
    action: str
    confidence: float

    @property
    def label(self) -> str:
        """`category/action`."""
        return f"{self.category}/{self.action}"


@dataclass(frozen=True, kw_only=True)
class Clarification:
    """A question back, with choices that can be repeated word for word."""

    question: str
    options: tuple[str, ...] = ()
    reason: str = ""  # unknown_target | ambiguous_target | fuzzy_target | low_confidence | missing_input | language
    subject: str = ""  # words the answer takes the place of; empty: it is added; missing_input: what it is called


@dataclass(frozen=True, kw_only=True)
class DecisionV1:
    """Mode, intent and entities of one request; `ends_as` says why there is nothing to do."""

    decision_id: str
    mode: Mode
    intent: IntentGuess | None
    entities: tuple[Entity, ...]
    overall_confidence: float
    confidence_level: str  # high ≥ .8, medium .5–.79, low
    request: str
    risk_hints: tuple[str, ...] = ()
    alternatives: tuple[IntentGuess, ...] = ()
    previous_intent: str = ""
    clarification: Clarification | None = None
    out_of_scope: bool = False
    ends_as: str = ""  # no tool is wanted: withdrawn ("never mind") | thanked | noted (a value) | not_understood
    schema: str = "DecisionV1"


def confidence_level(confidence: float) -> str:
    """The words for a confidence: high, medium or low."""
    if confidence >= 0.8:
        return "high"
    return "medium" if confidence >= 0.5 else "low"
