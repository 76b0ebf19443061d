"""Stated values made typed, checked against their declaration, and put into the customer's data with their history."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from opsconductor.domain.customer import CustomerDataField, RejectedValue, VariableEntry
from opsconductor.domain.json_value import Json
from opsconductor.domain.snapshot import CandidateVariable
from opsconductor.ports.clock import timestamp
from opsconductor.ports.schema import Schemas

KEPT_HISTORY = 10
STATED = 0.9
"""Confidence in a value that the words state by a declared example."""

_YES = frozenset({"yes", "y", "true", "on", "enabled", "1"})
_NO = frozenset({"no", "n", "false", "off", "disabled", "0"})
_NUMBER = re.compile(r"[+-]?\d{1,15}(?:\.\d{1,9})?")
_JSON_TYPES = {"string": "string", "number": "number", "boolean": "boolean", "datetime": "string"}


class Unfit(ValueError):
    """The text is no value of the field's type; the message says why."""


@dataclass(frozen=True, kw_only=True)
class ValueChanges:
    """The data after the message, what changed in it, and what was not taken."""

    data: Mapping[str, VariableEntry]
    changed: tuple[VariableEntry, ...]
    rejected: tuple[RejectedValue, ...]


def with_values(
    data: Mapping[str, VariableEntry],
    fields: Iterable[CustomerDataField],
    candidates: Iterable[CandidateVariable],
    schemas: Schemas,
    now: datetime,
) -> ValueChanges:
    """`data` with every candidate that fits its declaration. Entries of SESSION scope are among `changed` too."""
    declared = {field.key: field for field in fields}
    updated = dict(data)
    changed: list[VariableEntry] = []
    rejected: list[RejectedValue] = []
    for candidate in candidates:
        field = declared.get(candidate.key)
        try:
            if field is None:
                raise Unfit(f"{candidate.key} is not a declared field")
            value = typed(candidate.value_text, field, now)
            faults = schemas.faults(_schema(field), value)
            if faults:
                raise Unfit(faults[0].message)
        except Unfit as unfit:
            rejected.append(RejectedValue(key=candidate.key, value_text=candidate.value_text, reason=str(unfit)))
            continue
        known = updated.get(field.key)
        if known is None or known.value != value:
            entry = _entry(field.key, value, known, timestamp(now))
            updated[field.key] = entry
            changed.append(entry)
    return ValueChanges(data=updated, changed=tuple(changed), rejected=tuple(rejected))


def typed(text: str, field: CustomerDataField, now: datetime) -> Json:
    """The text as a value of the field's type; a moment as RFC 3339 in UTC. Raises Unfit."""
    said = text.strip()
    match field.type:
        case "number":
            return _number(said)
        case "boolean":
            return _boolean(said)
        case "datetime":
            return _moment(said, now)
        case "json":
            return _json(said)
        case _:
            return _choice(said, field.validation.get("enum"))


def _schema(field: CustomerDataField) -> Mapping[str, Json]:
    kind = _JSON_TYPES.get(field.type)
    return {**({"type": kind} if kind else {}), **field.validation}


def _entry(key: str, value: Json, known: VariableEntry | None, at: str) -> VariableEntry:
    history = () if known is None else (known.value, *known.history)[:KEPT_HISTORY]
    return VariableEntry(key=key, value=value, source="user", confidence=STATED, updated_at=at, history=history)


def _number(said: str) -> int | float:
    plain = said.replace(",", "")
    if not _NUMBER.fullmatch(plain):
        raise Unfit(f"{said!r} is not a number")
    return float(plain) if "." in plain else int(plain)


def _boolean(said: str) -> bool:
    word = said.casefold()
    if word not in _YES | _NO:
        raise Unfit(f"{said!r} is neither yes nor no")
    return word in _YES


def _choice(said: str, choices: Json) -> str:
    """The text, in the spelling of the choice it is in any case."""
    if isinstance(choices, list | tuple):
        return next((one for one in choices if isinstance(one, str) and one.casefold() == said.casefold()), said)
    return said


def _moment(said: str, now: datetime) -> str:
    try:
        moment: datetime | None = datetime.fromisoformat(said)
    except ValueError:
        moment = _read_date(said, now)
    if moment is None:
        raise Unfit(f"{said!r} is not a date or time")
    aware = moment if moment.tzinfo else moment.replace(tzinfo=now.tzinfo)
    return timestamp(aware.astimezone(now.tzinfo))


def _read_date(said: str, now: datetime) -> datetime | None:
    """What the date library makes of it; slow to import, and seldom needed."""
    import dateparser

    try:
        return dateparser.parse(said, languages=["en"], settings={"RELATIVE_BASE": now.replace(tzinfo=None)})
    except (ValueError, OverflowError):
        return None


def _json(said: str) -> Json:
    def once(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
        if len({key for key, _ in pairs}) < len(pairs):
            raise Unfit("the JSON names a key twice")
        return dict(pairs)

    def refused(name: str) -> Json:
        raise Unfit(f"{name} is not JSON")

    try:
        value: Json = json.loads(said, object_pairs_hook=once, parse_constant=refused)
    except (json.JSONDecodeError, RecursionError) as error:
        raise Unfit(f"{said!r} is not JSON") from error
    return value
