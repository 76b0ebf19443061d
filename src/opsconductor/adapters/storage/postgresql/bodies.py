"""Whole values in one JSON column, as the codec writes them."""

from typing import Any, TypeVar

from opsconductor.adapters import json_codec
from opsconductor.domain.errors import BadInput, InternalFault

T = TypeVar("T")


def to_body(value: Any) -> str:
    """`value` as JSON text. Text that is no Unicode text raises `request.bad_text`."""
    return json_codec.dump_bytes(value).decode()


def from_body(kind: type[T], body: str) -> T:
    """The value of type `kind` that was stored. Raises `store.corrupt` when the text holds none."""
    try:
        return json_codec.load(kind, body)
    except BadInput as error:
        raise InternalFault("store.corrupt", f"A stored {kind.__name__} cannot be read.") from error


def from_optional_body(kind: type[T], body: str | None) -> T | None:
    """As `from_body`; nothing stays nothing."""
    return None if body is None else from_body(kind, body)
