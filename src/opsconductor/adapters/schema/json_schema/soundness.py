"""What a schema may be made of: keywords that are really checked, local references that end, linear-time patterns."""

import difflib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

from opsconductor.domain.errors import BadInput
from opsconductor.domain.json_value import Json, JsonObject

FORMATS = ("date", "ipv4", "ipv6", "uuid")
"""Formats that are checked; each check takes linear time and looks nothing up."""

TYPES = ("string", "integer", "number", "boolean", "object", "array", "null")
DIALECT = "https://json-schema.org/draft/2020-12/schema"
LOCAL = "#/$defs/"
MAX_EXPANDED = 2_000
_ONE_SCHEMA = frozenset({"items", "additionalProperties", "propertyNames", "contains", "not", "if", "then", "else"})
_LIST_OF_SCHEMAS = frozenset({"prefixItems", "allOf", "anyOf", "oneOf"})
_MAP_OF_SCHEMAS = frozenset({"properties", "$defs", "dependentSchemas"})
_PLAIN = frozenset(
    {"type", "enum", "const", "required", "dependentRequired", "minProperties", "maxProperties", "minItems", "maxItems"}
    | {"uniqueItems", "minContains", "maxContains", "minLength", "maxLength", "pattern", "format", "multipleOf"}
    | {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "title", "description", "default", "examples"}
    | {"deprecated", "readOnly", "writeOnly", "$comment", "$ref", "$schema"}
)
KEYWORDS = _ONE_SCHEMA | _LIST_OF_SCHEMAS | _MAP_OF_SCHEMAS | _PLAIN


def check_soundness(schema: JsonObject, check_pattern: Callable[[str], str]) -> None:
    """Raise `schema.remote_ref` or `schema.invalid` for the first thing in `schema` that is not allowed.

    `check_pattern` gives what is wrong with a pattern, or "".
    """
    for path, part in _parts(schema, ""):
        _check_keywords(path, part, schema)
        _check_words(path, part, check_pattern)
    if _expanded(schema, schema, ()) > MAX_EXPANDED:
        raise invalid("", f"its references unfold to more than {MAX_EXPANDED} parts")


def invalid(path: str, what: str) -> BadInput:
    """The refusal of a schema, with the dotted path of the place."""
    return BadInput("schema.invalid", f"{path or 'the schema'}: {what}.", path=path)


def _parts(schema: JsonObject, path: str) -> Iterator[tuple[str, JsonObject]]:
    """Every schema within `schema`, itself first, with its dotted path."""
    yield path, schema
    for place, child in _children(schema):
        yield from _parts(child, f"{path}.{place}" if path else place)


def _children(schema: JsonObject) -> Iterator[tuple[str, JsonObject]]:
    for keyword, value in schema.items():
        if keyword in _ONE_SCHEMA and isinstance(value, Mapping):
            yield keyword, value
        elif keyword in _LIST_OF_SCHEMAS and isinstance(value, Sequence) and not isinstance(value, str):
            yield from ((f"{keyword}.{index}", item) for index, item in enumerate(value) if isinstance(item, Mapping))
        elif keyword in _MAP_OF_SCHEMAS and isinstance(value, Mapping):
            yield from ((f"{keyword}.{name}", item) for name, item in value.items() if isinstance(item, Mapping))


def _check_keywords(path: str, part: JsonObject, schema: JsonObject) -> None:
    reference = part.get("$ref")
    if isinstance(reference, str) and not reference.startswith("#"):
        raise BadInput("schema.remote_ref", f"{path or 'the schema'}: $ref leads to {reference!r}.", path=path)
    if reference is not None and _definition(reference, schema) is None:
        raise invalid(path, f"$ref {reference!r} does not name one of the schema's own $defs, as in {LOCAL}NAME")
    for keyword in part:
        if keyword not in KEYWORDS and not keyword.startswith("x-"):
            raise invalid(path, f"the keyword {keyword!r} is not supported{_near(keyword, KEYWORDS)}")
    if part.get("$schema", DIALECT) != DIALECT:
        raise invalid(path, f"$schema is {DIALECT} or left out")


def _check_words(path: str, part: JsonObject, check_pattern: Callable[[str], str]) -> None:
    kinds = part.get("type")
    for kind in [kinds] if isinstance(kinds, str) else kinds if isinstance(kinds, Sequence) else ():
        if isinstance(kind, str) and kind not in TYPES:
            raise invalid(path, f"there is no type {kind!r}{_near(kind, TYPES)}")
    pattern, format_name = part.get("pattern"), part.get("format")
    if isinstance(pattern, str) and (fault := check_pattern(pattern)):
        raise invalid(path, f"the pattern {pattern!r} cannot be run in linear time: {fault}")
    if format_name is not None and format_name not in FORMATS:
        raise invalid(path, f"the format {format_name!r} is not checked here; use a pattern, or {', '.join(FORMATS)}")


def _near(word: str, known: Collection[str]) -> str:
    near = difflib.get_close_matches(word, sorted(known), n=1)
    return f" (did you mean {near[0]}?)" if near else ""


def _definition(reference: Json, schema: JsonObject) -> Json:
    """The subschema that a local reference names, or None."""
    definitions = schema.get("$defs")
    if not isinstance(reference, str) or not isinstance(definitions, Mapping):
        return None
    name = reference.removeprefix(LOCAL) if reference.startswith(LOCAL) else ""
    found = definitions.get(name)
    return found if isinstance(found, Mapping | bool) and not {"/", "~", "%"} & set(name) else None


def _expanded(part: Json, schema: JsonObject, within: tuple[str, ...]) -> int:
    """How many schemas `part` stands for once every reference in it is written out."""
    if not isinstance(part, Mapping):
        return 1
    total = 1
    reference = part.get("$ref")
    if isinstance(reference, str):
        if reference in within:
            raise invalid("", f"$ref {reference!r} refers to itself in a circle")
        total += _expanded(_definition(reference, schema), schema, (*within, reference))
    for place, child in _children(part):
        if not place.startswith("$defs."):
            total += _expanded(child, schema, within)
        if total > MAX_EXPANDED:
            break
    return total
