"""P2's result: the situation as the words alone show it."""

from dataclasses import dataclass

from opsconductor.domain.customer import Scope
from opsconductor.domain.entities import Entity

INVENTORY_UNAVAILABLE = "inventory_unavailable"
"""Situation fact: the inventory did not answer, so names stand as unknown and words such as `routers` unread."""

ANSWERED_QUESTION = "answered_question"
"""Situation fact: the text is the request of the open question, completed by the message."""

TOO_MANY_NAMES = "too_many_names"
"""Situation fact: more names than one message may name; those past the limit were not looked up."""


@dataclass(frozen=True, kw_only=True)
class CandidateVariable:
    """A value for a declared field that the words seem to state."""

    key: str
    value_text: str
    scope: Scope
    is_update: bool  # the mask says a value exists already


@dataclass(frozen=True, kw_only=True)
class SituationalSnapshot:
    """What was said, masked for retrieval. Holds no stored value of any customer field."""

    text: str  # normalised words, glossary applied
    masked_text: str  # entities replaced by {type}
    language: str = "en"  # ISO 639-1, or "und"
    understood_language: bool = True
    entities: tuple[Entity, ...] = ()
    references: tuple[str, ...] = ()  # "it", "this server", … that P3 resolves from the session
    candidate_variables: tuple[CandidateVariable, ...] = ()
    glossary_used: tuple[str, ...] = ()
    tone: str = "neutral"  # neutral | urgent | frustrated
    frustration: bool = False
    urgency: bool = False
    intent_changed: bool = False  # set by stage A's record, False before
    topic_changed: bool = False  # names other entities than the last turn
    situation_facts: tuple[str, ...] = ()
    signal: str = "continue"  # continue | pause | cancel | correct | confirm | deny | thanks


EMPTY_SNAPSHOT = SituationalSnapshot(text="", masked_text="")
"""What P2 returns for a turn that no message triggered."""
