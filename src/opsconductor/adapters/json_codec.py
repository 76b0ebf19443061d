"""The one mapping between domain values and JSON, used at every edge: store, socket, command line, HTTP."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from opsconductor.domain.errors import BadInput
from opsconductor.domain.json_value import Json

if TYPE_CHECKING:
    from pydantic import TypeAdapter

T = TypeVar("T")


def dump(value: Any) -> Json:
    """`value` (a domain value, or a tuple or mapping of them) as plain JSON data: every field, enums as their text."""
    data: Json = _adapter(type(value)).dump_python(value, mode="json", fallback=_plain, warnings=False)
    return data


def dump_bytes(value: Any) -> bytes:
    """`value` as UTF-8 JSON without spaces. Text that is no Unicode text raises `request.bad_text`."""
    try:
        return _adapter(type(value)).dump_json(value, fallback=_plain, warnings=False)
    except ValueError as error:  # pydantic's error for what cannot be written
        if "UnicodeEncodeError" not in str(error):
            raise
        raise BadInput("request.bad_text", "The text holds half of a character pair.") from error


def load(kind: type[T], data: bytes | str | Json) -> T:
    """The value of type `kind` that `data` (JSON text, or JSON data) stands for; keys it does not know are left out.

    Raises `request.invalid` naming the first field that does not fit. `load(kind, dump(value)) == value`, as long as
    every sequence inside its free JSON is a list.
    """
    try:
        adapter = _adapter(kind)
        found: T = adapter.validate_json(data) if isinstance(data, bytes | str) else adapter.validate_python(data)
        return found
    except ValueError as error:
        from pydantic import ValidationError

        if not isinstance(error, ValidationError):
            raise
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        raise BadInput("request.invalid", f"{field or 'the value'}: {first['msg']}.", field=field) from error


def _new_adapter(kind: Any) -> "TypeAdapter[Any]":
    from pydantic import TypeAdapter  # 0.1 s that a command without a turn need not pay

    return TypeAdapter(kind)


_adapter: Callable[[Any], "TypeAdapter[Any]"] = cache(_new_adapter)


def _plain(value: object) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} is no JSON value")
