"""What a schema found wrong, in words that never repeat the value: it may be a secret, or very long."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

_TYPES: Mapping[str, str] = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping",
    "null": "null",
}
_PHRASES: Mapping[str, str] = {
    "const": "must be {limit}",
    "minimum": "must be at least {limit}",
    "maximum": "must be at most {limit}",
    "exclusiveMinimum": "must be more than {limit}",
    "exclusiveMaximum": "must be less than {limit}",
    "multipleOf": "must be a multiple of {limit}",
    "minLength": "must have at least {limit} characters",
    "maxLength": "must have at most {limit} characters",
    "minItems": "must have at least {limit} items",
    "maxItems": "must have at most {limit} items",
    "minProperties": "must have at least {limit} fields",
    "maxProperties": "must have at most {limit} fields",
    "uniqueItems": "must not hold the same item twice",
    "format": "must be of the format {limit}",
    "anyOf": "must fit at least one of the allowed forms",
    "oneOf": "must fit exactly one of the allowed forms",
    "not": "must not be of this form",
    "contains": "lacks an item of the wanted form",
    "dependentRequired": "lacks a field that another one needs",
}
_MOST_CHOICES = 20


def in_words(error: "ValidationError") -> str:
    """One phrase that follows the path: "must be text", "is required"."""
    keyword, limit = str(error.validator), error.validator_value
    if keyword in ("pattern", "required", "additionalProperties"):
        return error.message  # our own words
    if keyword == "type":
        kinds = limit if isinstance(limit, list) else [limit]
        return "must be " + " or ".join(_TYPES.get(str(kind), str(kind)) for kind in kinds)
    if keyword == "enum" and isinstance(limit, list):
        return f"must be one of {_choices(limit)}"
    phrase = _PHRASES.get(keyword, "does not fit the schema ({keyword})")
    return phrase.format(limit=limit, keyword=keyword)


def _choices(limit: list[Any]) -> str:
    more = f" and {len(limit) - _MOST_CHOICES} more" if len(limit) > _MOST_CHOICES else ""
    return ", ".join(str(choice) for choice in limit[:_MOST_CHOICES]) + more
