"""Canonical JSON (RFC 8785 over NFC text) and digests of it: the bytes that approvals and audit hash."""

import hashlib
import unicodedata
from collections.abc import Mapping
from json.encoder import encode_basestring as _quoted
from typing import Any

import rfc8785

from opsconductor.domain.errors import BadInput
from opsconductor.domain.json_value import Json

_LARGEST_INTEGER = 2**53 - 1  # RFC 8785 has no form for a larger one


def canonical_bytes(value: Json) -> bytes:
    """Canonical JSON of `value`. Floats, U+0000 and keys that become equal under NFC raise `plan.unhashable`."""
    if (text := ascii_canonical(value)) is not None:
        return text.encode("ascii")
    try:
        return rfc8785.dumps(_normalised(value))
    except (rfc8785.CanonicalizationError, UnicodeEncodeError) as error:
        raise BadInput("plan.unhashable", f"This value has no canonical form: {error}.") from error


def ascii_canonical(value: Json) -> str | None:
    """Canonical JSON of `value` when that is plain ASCII, found faster; None when only the long way can tell."""
    try:
        text = _ascii(value)
    except (_NotPlain, TypeError):  # TypeError: a key that is no text
        return None
    return text if text.isascii() and "\\u0000" not in text else None


class _NotPlain(Exception):
    """The value holds something whose canonical form takes more than quoting and sorting."""


def _ascii(value: Any) -> str:
    # ASCII is its own NFC and sorts the same in every encoding, and Python quotes it as RFC 8785 does.
    kind = type(value)
    if kind is str:
        return _quoted(value)
    if kind is int and -_LARGEST_INTEGER <= value <= _LARGEST_INTEGER:
        return str(value)
    if kind is dict:
        return "{" + ",".join([f"{_quoted(key)}:{_ascii(value[key])}" for key in sorted(value)]) + "}"
    if kind is list or kind is tuple:
        return "[" + ",".join([_ascii(item) for item in value]) + "]"
    if value is None or kind is bool:
        return "null" if value is None else "true" if value else "false"
    raise _NotPlain


def digest(value: Json) -> str:
    """`sha256:` and the hex SHA-256 of the canonical JSON of `value`."""
    return "sha256:" + hashlib.sha256(canonical_bytes(value)).hexdigest()


def _normalised(value: Json) -> Any:
    if isinstance(value, str):
        return _normalised_text(value)
    if value is None or isinstance(value, int):
        return value
    if isinstance(value, float):
        raise BadInput("plan.unhashable", f"The fractional number {value!r} cannot be hashed.")
    if isinstance(value, Mapping):
        normalised = {_normalised_text(key): _normalised(item) for key, item in value.items()}
        if len(normalised) != len(value):
            raise BadInput("plan.unhashable", "Two keys are the same text.")
        return normalised
    return [_normalised(item) for item in value]


def _normalised_text(text: str) -> str:
    if "\x00" in text:
        raise BadInput("plan.unhashable", "Text with U+0000 cannot be hashed.")
    return unicodedata.normalize("NFC", text)
