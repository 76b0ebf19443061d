"""Fills a tool's inputs from what the request names, led by the tool's own schema."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from opsconductor.domain.assets import Vocabulary
from opsconductor.domain.catalogue import Tool
from opsconductor.domain.entities import ENTITY_TYPES, Entity
from opsconductor.domain.json_value import Json
from opsconductor.stages.b_select.filters import SELECTING, filters_of
from opsconductor.stages.b_select.request import Request
from opsconductor.stages.b_select.word_slots import enum_value, grouping

FILTERS = "filters"
_KINDS: Mapping[str, tuple[str, ...]] = {"asset": ("host", "ip"), "host": ("host", "ip"), "address": ("ip", "host")}
_NUMBERS = {"integer", "number"}


@dataclass(frozen=True, kw_only=True)
class Filled:
    """Inputs of one tool; the target itself is not among them."""

    inputs: Mapping[str, Json]
    missing: tuple[str, ...]  # required and not named
    used: frozenset[str]  # entity types that found a place
    unusable: tuple[str, ...] = ()  # what the request selects by and the tool cannot


def fill(tool: Tool, request: Request, given: Mapping[str, Json], vocabulary: Vocabulary) -> Filled:
    """The tool's inputs: `given` ones (a scenario's) first, then what the words name, then the schema's defaults."""
    properties = tool.properties
    inputs: dict[str, Json] = {}
    used: set[str] = set()
    for name, spec in properties.items():
        if name == tool.targets_input:
            continue
        value = given.get(name)
        if value is None:
            value, kinds = _from_words(name, spec, request, vocabulary)
            used |= kinds
        if value is None:
            value = spec.get("default")
        if value is not None:
            inputs[name] = value
    missing = tuple([name for name in tool.required if name not in inputs and name != tool.targets_input])
    return Filled(
        inputs=inputs, missing=missing, used=frozenset(used), unusable=_unusable(properties, request, used, tool)
    )


def _from_words(
    name: str, spec: Mapping[str, Any], request: Request, vocabulary: Vocabulary
) -> tuple[Json, frozenset[str]]:
    """A value for one input, and the entity types it came from."""
    kind = spec.get("x-entity") or (name if name in ENTITY_TYPES else "")
    if name == FILTERS and spec.get("type") == "object":
        if not request.entities:
            return None, frozenset()
        fields = _filter_fields(spec)
        filters = filters_of(request, vocabulary, fields)
        return filters or None, frozenset(entity.type for entity in request.entities if entity.type in fields)
    if isinstance(kind, str) and kind:
        kinds = _KINDS.get(kind, (kind,))
        value = _typed(request.named(kinds), spec)
        return value, frozenset(kinds) if value is not None else frozenset()
    values = spec.get("enum")
    if isinstance(values, list | tuple):
        words = [str(value) for value in values]
        return (grouping if name.endswith("_by") else enum_value)(request, words), frozenset()
    return None, frozenset()


def _filter_fields(spec: Mapping[str, Any]) -> tuple[str, ...]:
    declared = spec.get("properties")
    if isinstance(declared, Mapping) and declared:
        return tuple(str(name) for name in declared)
    return SELECTING[:-1]


def _typed(entities: list[Entity], spec: Mapping[str, Any]) -> Json:
    """The value in the type the schema asks for; None when there is none of that type."""
    if spec.get("type") == "array":
        items = spec.get("items")
        values = [_one(entity.value, items if isinstance(items, Mapping) else {}) for entity in entities]
        return [value for value in values if value is not None] or None
    return _one(entities[0].value, spec) if entities else None


def _one(value: str, spec: Mapping[str, Any]) -> Json:
    if spec.get("type") in _NUMBERS:
        try:
            number = float(value)
        except ValueError:
            return None
        return int(number) if number.is_integer() else None
    allowed = spec.get("enum")
    if isinstance(allowed, list | tuple):
        return next((str(one) for one in allowed if str(one).casefold() == value.casefold()), None)
    return value


def _unusable(
    properties: Mapping[str, Mapping[str, Any]], request: Request, used: set[str], tool: Tool
) -> tuple[str, ...]:
    """A question about some assets must not be answered about others: what it selects by has to have a place."""
    if tool.targets_input or FILTERS not in properties:
        return ()
    wanted = {entity.type for entity in request.entities if entity.type in (*SELECTING, "ip")}
    return tuple(sorted((wanted | ({"ip"} if request.foreign else set())) - used))
