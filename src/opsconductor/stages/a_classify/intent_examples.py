"""Examples of an intent, with the things this message names put back in: choices a person can repeat word for word."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from opsconductor.domain.entities import Entity
from opsconductor.domain.knowledge import Intent

_MASK = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, kw_only=True)
class Form:
    """An example with what is still to be named in capitals: "restart SERVICE on app-01"."""

    text: str
    unnamed: tuple[str, ...]


def example_for(intent: Intent, entities: Sequence[Entity]) -> str:
    """The shortest of the examples that use most of what the message names; "" when none can be filled."""
    named = _named(entities)
    fillable = [example for example in intent.examples if set(_MASK.findall(example)) <= named.keys()]
    if not fillable:
        return ""
    best = min(fillable, key=lambda example: (-len(set(_MASK.findall(example))), len(example), example))
    return _filled(best, named)


def form_for(intent: Intent, entities: Sequence[Entity]) -> Form | None:
    """The first of the examples that use most of what the message names; None for an intent without examples."""
    if not intent.examples:
        return None
    named = _named(entities)
    best = max(intent.examples, key=lambda example: len(named.keys() & set(_MASK.findall(example))))
    unnamed = tuple(dict.fromkeys(name for name in _MASK.findall(best) if name not in named))
    return Form(text=_filled(best, {name: name.upper() for name in unnamed} | named), unnamed=unnamed)


def _named(entities: Sequence[Entity]) -> dict[str, str]:
    named: dict[str, str] = {}
    for entity in entities:
        named.setdefault(entity.type, entity.value)
    return named


def _filled(example: str, named: Mapping[str, str]) -> str:
    return _MASK.sub(lambda mask: named[mask[1]], example)
