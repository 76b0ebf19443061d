"""JSON Schema 2020-12, checked without ever fetching anything."""

from dataclasses import dataclass
from typing import Protocol

from opsconductor.domain.json_value import Json, JsonObject


@dataclass(frozen=True, kw_only=True)
class SchemaFault:
    """One place where a value does not fit its schema."""

    path: str  # dotted, "" for the whole value
    message: str


class Schemas(Protocol):
    """Checks schemas at load and values at use. Patterns run in linear time."""

    def check_schema(self, schema: JsonObject) -> None:
        """Raise `schema.remote_ref` or `schema.invalid` unless the schema is sound and self-contained."""
        ...

    def faults(self, schema: JsonObject, value: Json) -> tuple[SchemaFault, ...]:
        """All faults of `value`, empty when it fits. `schema` must never change once it was given here."""
        ...
