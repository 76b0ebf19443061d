"""A tool's inputs: a sound JSON Schema of one object, whole numbers only, entities that understanding knows."""

from collections.abc import Iterator, Mapping

from opsconductor.adapters.catalogue.files.faults import did_you_mean
from opsconductor.adapters.catalogue.files.items import mapping
from opsconductor.adapters.catalogue.files.reading import WORD, Fields
from opsconductor.domain.entities import ENTITY_TYPES
from opsconductor.domain.errors import BadInput
from opsconductor.domain.json_value import Json, JsonObject
from opsconductor.ports.schema import Schemas

ENTITIES = frozenset({"asset", *ENTITY_TYPES}) - {"host", "number"}
"""What `x-entity` may name; `asset` is a host that the inventory knows."""

_HOLDERS = frozenset(
    {"items", "additionalProperties", "contains", "not", "if", "then", "else", "propertyNames"}
    | {"prefixItems", "allOf", "anyOf", "oneOf"}
)


def declare_inputs(fields: Fields, schemas: Schemas) -> JsonObject:
    """The schema as written, closed; {} with faults when it cannot be used."""
    schema = fields.json("inputs")
    if not isinstance(schema, Mapping):
        fault = "inputs is no mapping." if fields.has("inputs") else "The tool lacks inputs."
        fields.fault("inputs", fault, "Write a JSON Schema: inputs: {type: object, properties: {…}}.")
        return {}
    try:
        schemas.check_schema(schema)
    except BadInput as error:
        fields.fault(fields.place("inputs", str(error.facts.get("path", ""))), error.message, error.next_step)
        return {}
    _check_object(fields, schema)
    for path, part in _properties(schema, ""):
        _check_part(fields, path, part, schemas)
    return {**schema, "additionalProperties": False}


def _check_object(fields: Fields, schema: JsonObject) -> None:
    if schema.get("type") != "object":
        fields.fault("inputs", "inputs is no schema of an object.", "Begin with `type: object`.")
    if schema.get("additionalProperties", False) is not False:
        line = fields.place("inputs", "additionalProperties")
        fields.fault(line, "inputs allows fields that are not declared.", "Remove additionalProperties.")
    properties = mapping(schema.get("properties"))
    for name in properties:
        if not WORD.fullmatch(name):
            line = fields.place("inputs", f"properties.{name}")
            fields.fault(line, f"The input {name!r} is no word.", "Use small letters, digits and underscores.")
    required = schema.get("required")
    for name in required if isinstance(required, list) else ():
        if name not in properties:
            line = fields.place("inputs", "required")
            fields.fault(
                line, f"The required input {name!r} is not declared.", did_you_mean(str(name), properties, "Use")
            )


def _check_part(fields: Fields, path: str, part: JsonObject, schemas: Schemas) -> None:
    kinds = part.get("type")
    if "number" in (kinds if isinstance(kinds, list) else [kinds]):
        line = fields.place("inputs", f"{path}.type")
        fields.fault(line, "An input is a number with fractions.", "Write `type: integer`: arguments are hashed.")
    entity = part.get("x-entity")
    if entity is not None and entity not in ENTITIES:
        line = fields.place("inputs", f"{path}.x-entity")
        fields.fault(line, f"x-entity {entity!r} is not known.", did_you_mean(str(entity), ENTITIES, "Use one of"))
    if "default" in part and "$ref" not in part and schemas.faults(part, part["default"]):
        line = fields.place("inputs", f"{path}.default")
        fields.fault(line, "A default does not fit its own schema.", "Write a default that the schema allows.")


def _properties(value: Json, path: str) -> Iterator[tuple[str, JsonObject]]:
    """Every schema below the inputs, with its dotted path."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _properties(item, f"{path}.{index}")
    if not isinstance(value, Mapping):
        return
    if path:
        yield path, value
    for key, item in value.items():
        below = f"{path}.{key}".lstrip(".")
        if key in ("properties", "$defs", "dependentSchemas"):
            for name, schema in mapping(item).items():
                yield from _properties(schema, f"{below}.{name}")
        elif key in _HOLDERS:
            yield from _properties(item, below)
