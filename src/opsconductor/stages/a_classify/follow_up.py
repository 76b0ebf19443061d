"""Messages that only say about what, because the turn before said the rest: "and app-02?", "what about db-01"."""

import re
from dataclasses import replace

from opsconductor.domain.entities import Entity
from opsconductor.domain.snapshot import SituationalSnapshot

_THINGS = r"(?:the )?\{\w+\}(?:(?:,? and |,? or |, ?| on | at )(?:the )?\{\w+\})*"
_ONLY_THINGS = re.compile(
    r"(?:(?:and|but|also|ok|okay|now|then|so|no|sorry|please|i meant|i mean|rather|try)[, ]+)*"
    r"(?:(?:what|how) about |(?:and |do )?(?:the )?same (?:for|on|with|at) |on |for |with |of |at )?"
    rf"{_THINGS}"
    r"(?:,? (?:too|as well|instead|then|please|now))*[ .!?]*"
)
_PLACES = {"host", "ip"}  # a message that names the one does not mean the other of the turn before


def continues(snapshot: SituationalSnapshot) -> bool:
    """True when the message names things and says nothing about what to do with them."""
    return _ONLY_THINGS.fullmatch(snapshot.masked_text.casefold().strip()) is not None


def with_former(entities: tuple[Entity, ...], former: tuple[Entity, ...]) -> tuple[Entity, ...]:
    """`entities`, and of the turn before those of a type that this message does not name."""
    named = {entity.type for entity in entities}
    named |= _PLACES if named & _PLACES else set()
    return entities + tuple(
        replace(entity, confidence=round(entity.confidence * 0.9, 4)) for entity in former if entity.type not in named
    )
