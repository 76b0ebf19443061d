"""What is remembered about a customer or a case, and the mask that hides it from the sensor."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from opsconductor.domain.json_value import Json


class Scope(StrEnum):
    """How long a value lives: SESSION values are never persisted."""

    IDENTITY = "IDENTITY"
    BUSINESS = "BUSINESS"
    CASE = "CASE"
    SESSION = "SESSION"


@dataclass(frozen=True, kw_only=True)
class CustomerDataField:
    """A declared field of the pack's `customer_fields.yaml`."""

    key: str
    scope: Scope
    type: str  # string | number | boolean | datetime | json
    description: str = ""
    persist: bool = True
    validation: Mapping[str, Json] = field(default_factory=dict)  # enum, pattern, minimum, maximum
    pii: bool = False
    retention_days: int | None = None
    examples: tuple[str, ...] = ()  # utterances such as "my team is {value}"


@dataclass(frozen=True, kw_only=True)
class VariableEntry:
    """A stored value with where it came from."""

    key: str
    value: Json
    source: str  # user | tool | inference | system
    confidence: float
    updated_at: str
    history: tuple[Json, ...] = ()  # earlier values, newest first, at most 10


@dataclass(frozen=True, kw_only=True)
class MaskedField:
    """What the sensor may know of a field: that it exists, never its value."""

    scope: Scope
    type: str
    exists: bool
    examples: tuple[str, ...] = ()  # from the declaration, not from data


SchemaMask = Mapping[str, MaskedField]


@dataclass(frozen=True, kw_only=True)
class RejectedValue:
    """A value that was offered and not taken, with the reason the reply must give."""

    key: str
    value_text: str
    reason: str
