"""A schema holds only what is checked; the refusal names the place."""

import pytest

from opsconductor.adapters.schema.json_schema.soundness import check_soundness
from opsconductor.domain.errors import BadInput
from opsconductor.domain.json_value import JsonObject


def refusal(schema: JsonObject) -> BadInput:
    with pytest.raises(BadInput) as refused:
        check_soundness(schema, lambda pattern: "it is bad" if pattern == "bad" else "")
    return refused.value


@pytest.mark.parametrize(
    ("schema", "path", "message"),
    [
        ({"typ": 1}, "", "the keyword 'typ' is not supported (did you mean type?)"),
        ({"properties": {"a": {"type": ["null", "strng"]}}}, "properties.a", "no type 'strng' (did you mean string?)"),
        ({"allOf": [{}, {"pattern": "bad"}]}, "allOf.1", "the pattern 'bad' cannot be run in linear time: it is bad"),
        ({"items": {"not": {"format": "regex"}}}, "items.not", "the format 'regex' is not checked here"),
        ({"$defs": {"a": {"$ref": "#/$defs/b"}}}, "$defs.a", "does not name one of the schema's own $defs"),
        ({"if": {"$ref": "#"}}, "if", "does not name"),
        ({"then": {"$ref": 5}}, "then", "does not name"),
    ],
)
def test_the_place_and_the_reason(schema: JsonObject, path: str, message: str) -> None:
    refused = refusal(schema)
    assert refused.code == "schema.invalid"
    assert refused.facts["path"] == path
    assert message in refused.message


def test_a_property_may_be_called_like_a_keyword() -> None:
    check_soundness({"properties": {"$ref": {"type": "string"}, "typ": {}, "pattern": {}}}, lambda pattern: "bad")


def test_a_definition_may_be_used_twice() -> None:
    check_soundness(
        {"properties": {"a": {"$ref": "#/$defs/n"}, "b": {"$ref": "#/$defs/n"}}, "$defs": {"n": {"type": "integer"}}},
        lambda pattern: "",
    )
