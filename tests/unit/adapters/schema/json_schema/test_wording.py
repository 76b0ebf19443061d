"""Faults are worded so that a person knows what to write instead."""

import pytest

from opsconductor.adapters.schema.json_schema.engine import open_schemas
from opsconductor.domain.json_value import Json, JsonObject


@pytest.mark.parametrize(
    ("schema", "value", "message"),
    [
        ({"type": "string"}, 1, "must be text"),
        ({"type": ["integer", "null"]}, "x", "must be a whole number or null"),
        ({"enum": ["a", "b"]}, "c", "must be one of a, b"),
        ({"enum": list(range(30))}, "c", f"must be one of {', '.join(map(str, range(20)))} and 10 more"),
        ({"const": 3}, 4, "must be 3"),
        ({"minimum": 3}, 2, "must be at least 3"),
        ({"exclusiveMaximum": 3}, 3, "must be less than 3"),
        ({"maxLength": 3}, "abcd", "must have at most 3 characters"),
        ({"minItems": 1}, [], "must have at least 1 items"),
        ({"uniqueItems": True}, [1, 1], "must not hold the same item twice"),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, 1, "must fit at least one of the allowed forms"),
        ({"required": ["a"]}, {}, "is required"),
        ({"additionalProperties": False}, {"a": 1}, "is not known here"),
        ({"dependentRequired": {"a": ["b"]}}, {"a": 1}, "lacks a field that another one needs"),
        ({"minContains": 2, "contains": {}}, [1], "does not fit the schema"),
    ],
)
def test_words(schema: JsonObject, value: Json, message: str) -> None:
    assert open_schemas().faults(schema, value)[0].message.startswith(message)
