"""Examples of an intent, with the things this message names put back in: choices a person can repeat word for word."""

import re
from collections.abc import Mapping, Sequence

from opsconductor.domain.entities import Entity
from opsconductor.domain.knowledge import Intent

_MASK = re.compile(r"\{(\w+)\}")


def example_for(intent: Intent, entities: Sequence[Entity]) -> str:
    """The shortest of the examples that use most of what the message names; the description when none can be filled."""
    named: dict[str, str] = {}
    for entity in entities:
        named.setdefault(entity.type, entity.value)
    fillable = [example for example in intent.examples if set(_MASK.findall(example)) <= named.keys()]
    if not fillable:
        return intent.description
    best = min(fillable, key=lambda example: (-len(set(_MASK.findall(example))), len(example), example))
    return _filled(best, named)


def _filled(example: str, named: Mapping[str, str]) -> str:
    return _MASK.sub(lambda mask: named[mask[1]], example)
