"""The Schemas engine. The library is imported on first use (70 ms), and only here."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any

from opsconductor.adapters.schema.json_schema.acceptance import Accepts, acceptance
from opsconductor.adapters.schema.json_schema.soundness import FORMATS, check_soundness, invalid
from opsconductor.adapters.schema.json_schema.wording import in_words
from opsconductor.domain.errors import BadInput
from opsconductor.domain.json_value import Json, JsonObject
from opsconductor.ports.schema import SchemaFault

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

MAX_FAULTS = 50
_KEPT = 256
_MAX_DEPTH = 40
_MAX_PATTERN = 500


class JsonSchemas:
    """Checks schemas at load and values at use; keeps what it made of the schemas it was last given."""

    def __init__(self) -> None:
        self._ready: dict[int, _Ready] = {}  # by identity; the schema is held, so its id stays its own

    def check_schema(self, schema: JsonObject) -> None:
        """See the port. Also refused: keywords and formats that nothing checks, and references in a circle."""
        plain = _plain(schema, "schema.invalid")
        if not isinstance(plain, dict):
            raise invalid("", "it is no mapping")
        check_soundness(plain, pattern_fault)
        for unfit in _validator_class()(_validator_class().META_SCHEMA).iter_errors(plain):
            raise invalid(".".join(map(str, unfit.absolute_path)), in_words(unfit))

    def faults(self, schema: JsonObject, value: Json) -> tuple[SchemaFault, ...]:
        """See the port; at most MAX_FAULTS, and none of their messages repeats the value.

        A schema that check_schema would refuse fits nothing.
        """
        try:
            plain, ready = _plain(value, "request.invalid"), self._prepared(schema)
        except BadInput as error:
            return (SchemaFault(path="", message=error.message.rstrip(".")),)
        if ready.accepts(plain):
            return ()
        try:
            first = islice(ready.validator.iter_errors(plain), MAX_FAULTS)
            return tuple(SchemaFault(path=".".join(map(str, e.absolute_path)), message=in_words(e)) for e in first)
        except _unsound():
            return (SchemaFault(path="", message="cannot be checked: its schema is not sound"),)

    def _prepared(self, schema: JsonObject) -> "_Ready":
        known = self._ready.get(id(schema))
        if known is not None:
            return known
        from referencing import Registry

        nowhere: Registry[Any] = Registry()  # there is nowhere to look a reference up
        rules = _plain(schema, "schema.invalid")
        validator = _validator_class()(rules, registry=nowhere, format_checker=_format_checker())
        if len(self._ready) >= _KEPT:
            self._ready.clear()
        ready = _Ready(schema=schema, validator=validator, accepts=acceptance(rules, _matches))
        self._ready[id(schema)] = ready
        return ready


@dataclass(frozen=True, kw_only=True)
class _Ready:
    """What was made of one schema."""

    schema: JsonObject
    validator: Any
    accepts: Accepts


def open_schemas() -> JsonSchemas:
    """The engine; it opens nothing."""
    return JsonSchemas()


def pattern_fault(pattern: str) -> str:
    """Why a pattern is refused, or ""."""
    if len(pattern) > _MAX_PATTERN:
        return f"it is longer than {_MAX_PATTERN} characters"
    try:
        _compiled(pattern)
    except ValueError as error:
        return str(error)
    return ""


def _compiled(pattern: str) -> Any:
    """The pattern of the linear-time engine, which keeps the last ones itself. Raises ValueError with the reason."""
    import re2

    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        reason = error.args[0] if error.args else b"it cannot be read"
        raise ValueError(reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)) from error


def _new_validator_class() -> Any:
    from jsonschema import Draft202012Validator
    from jsonschema.validators import extend

    return extend(  # type: ignore[no-untyped-call]
        Draft202012Validator,
        {"pattern": _pattern, "required": _required, "additionalProperties": _additional_properties},
        type_checker=Draft202012Validator.TYPE_CHECKER.redefine("integer", _is_whole),
    )


def _new_format_checker() -> Any:
    from jsonschema import FormatChecker

    return FormatChecker(FORMATS)


def _import_unsound() -> tuple[type[Exception], ...]:
    from jsonschema.exceptions import UnknownType
    from referencing.exceptions import Unresolvable

    return Unresolvable, UnknownType, RecursionError


_unsound: Callable[[], tuple[type[Exception], ...]] = cache(_import_unsound)  # what a schema that is not sound raises
_validator_class: Callable[[], Any] = cache(_new_validator_class)
_format_checker: Callable[[], Any] = cache(_new_format_checker)


def _is_whole(_checker: object, value: object) -> bool:
    """1.0 is no whole number here: arguments are hashed, and a fraction cannot be."""
    return isinstance(value, int) and not isinstance(value, bool)


def _error(message: str, *path: str) -> "ValidationError":
    from jsonschema.exceptions import ValidationError

    return ValidationError(message, path=path)


def _pattern(_validator: object, pattern: str, instance: object, _schema: object) -> Iterator["ValidationError"]:
    if isinstance(instance, str) and not _matches(pattern, instance):
        yield _error(f"does not match the pattern {pattern}")


def _matches(pattern: str, text: str) -> bool:
    try:
        return _compiled(pattern).search(text) is not None
    except ValueError:  # a pattern that check_schema refuses, or half of a surrogate pair in the text
        return False


def _required(
    _validator: object, names: Sequence[str], instance: object, _schema: object
) -> Iterator["ValidationError"]:
    if isinstance(instance, dict):
        yield from (_error("is required", name) for name in names if name not in instance)


def _additional_properties(
    validator: Any, allowed: object, instance: object, schema: Mapping[str, Any]
) -> Iterator["ValidationError"]:
    if not isinstance(instance, dict):
        return
    for name in instance:
        if name in schema.get("properties", {}):
            continue
        if isinstance(allowed, dict):
            yield from validator.descend(instance[name], allowed, path=name)
        elif allowed is False:
            yield _error("is not known here", name)


def _plain(value: Json, code: str, depth: int = 0) -> Any:
    """`value` as dicts and lists, which is all the library knows. Raises `code` for what is no JSON, or too deep."""
    if value is None or isinstance(value, str | int):
        return value
    if depth > _MAX_DEPTH:
        raise BadInput(code, "The value is nested too deeply.")
    if isinstance(value, dict | Mapping):
        if not all(isinstance(key, str) for key in value):
            raise BadInput(code, "A key is no text.")
        return {key: _plain(item, code, depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple | Sequence) and not isinstance(value, bytes | bytearray):
        return [_plain(item, code, depth + 1) for item in value]
    if isinstance(value, float) and math.isfinite(value):
        return value
    raise BadInput(code, f"A value is {'not finite' if isinstance(value, float) else 'of no JSON type'}.")
