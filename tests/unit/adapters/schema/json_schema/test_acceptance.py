"""A quick yes is never wrong, and is said to what is common."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opsconductor.adapters.schema.json_schema.acceptance import acceptance
from opsconductor.adapters.schema.json_schema.engine import _matches, _validator_class, open_schemas

_TEXTS = st.sampled_from(["", "a", "ab", "abc", "b", "1"])
_NUMBERS = st.sampled_from([0, 1, 2, 3, -1, 0.5, 1.0])
_SIZES = st.integers(0, 3)
_KINDS = st.sampled_from(["string", "integer", "number", "boolean", "object", "array", "null"])
_VALUES: st.SearchStrategy[Any] = st.recursive(
    st.one_of(_TEXTS, _NUMBERS, st.booleans(), st.none()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(_TEXTS, inner, max_size=3)),
    max_leaves=6,
)


def _schemas(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    keywords: dict[str, st.SearchStrategy[Any]] = {
        "type": st.one_of(_KINDS, st.lists(_KINDS, min_size=1, max_size=3, unique=True)),
        "enum": st.lists(st.one_of(_TEXTS, _NUMBERS, st.booleans()), min_size=1, max_size=4),
        "$ref": st.sampled_from(["#/$defs/a", "#/$defs/nowhere"]),
        "properties": st.dictionaries(_TEXTS, inner, max_size=3),
        "required": st.lists(_TEXTS, max_size=2, unique=True),
        "additionalProperties": st.one_of(st.booleans(), inner),
        "items": inner,
        "pattern": st.sampled_from(["^a", "b$", "."]),
        "minimum": _NUMBERS,
        "maximum": _NUMBERS,
        "minLength": _SIZES,
        "maxLength": _SIZES,
        "minItems": _SIZES,
        "maxItems": _SIZES,
        "uniqueItems": st.booleans(),
        "title": _TEXTS,
        "x-entity": _TEXTS,
    }
    return st.dictionaries(st.sampled_from(sorted(keywords)), st.none(), max_size=4).flatmap(
        lambda chosen: st.fixed_dictionaries({keyword: keywords[keyword] for keyword in chosen})
    )


_SCHEMAS: st.SearchStrategy[Any] = st.recursive(st.one_of(st.just({}), st.booleans()), _schemas, max_leaves=5)


@settings(max_examples=500, deadline=None)
@given(schema=_SCHEMAS, definition=_SCHEMAS, value=_VALUES)
def test_what_is_accepted_has_no_faults(schema: Any, definition: Any, value: Any) -> None:
    whole = {**schema, "$defs": {"a": definition}} if isinstance(schema, dict) else schema
    if acceptance(whole, _matches)(value):
        assert not list(_validator_class()(whole).iter_errors(value))


TOOL: dict[str, Any] = {
    "type": "object",
    "required": ["kind"],
    "properties": {
        "kind": {"enum": ["count", "list"], "default": "list"},
        "limit": {"type": "integer", "minimum": 1, "maximum": 9},
        "filters": {"type": "object", "properties": {"site": {"$ref": "#/$defs/words"}}, "additionalProperties": False},
        "host": {"type": "string", "pattern": "^[a-z]", "x-entity": "asset"},
    },
    "$defs": {"words": {"type": ["string", "array"], "minLength": 1, "maxItems": 2, "items": {"type": "string"}}},
}


@pytest.mark.parametrize(
    ("value", "accepted"),
    [
        ({"kind": "count"}, True),
        ({"kind": "list", "limit": 9, "filters": {"site": ["HQ", "MDF"]}, "host": "app"}, True),
        ({}, False),
        ({"kind": "tell"}, False),
        ({"kind": "count", "limit": True}, False),
        ({"kind": "count", "limit": 10}, False),
        ({"kind": "count", "filters": {"site": ""}}, False),
        ({"kind": "count", "filters": {"site": ["a", "b", "c"]}}, False),
        ({"kind": "count", "filters": {"place": "HQ"}}, False),
        ({"kind": "count", "host": "9"}, False),
        ("count", False),
    ],
)
def test_the_common_keywords_are_judged_without_the_library(value: Any, accepted: bool) -> None:
    assert acceptance(TOOL, _matches)(value) is accepted
    assert (open_schemas().faults(TOOL, value) == ()) is accepted


@pytest.mark.parametrize(
    "schema",
    [
        {"anyOf": [{}]},
        {"type": "strin"},
        {"minimum": "1"},
        {"maxLength": 1.5},
        {"required": "a"},
        {"properties": []},
        {"properties": {"a": 3}},
        {"pattern": 1},
        {"$ref": "other.json"},
        {"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/a"}}},
    ],
)
def test_what_it_does_not_know_or_is_not_sound_is_left_to_the_library(schema: dict[str, Any]) -> None:
    assert not acceptance(schema, _matches)({"a": 1})
