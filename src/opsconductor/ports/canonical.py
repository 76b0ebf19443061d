"""Canonical JSON (RFC 8785 over NFC text) and digests of it: the bytes that approvals and audit hash."""

import hashlib
import unicodedata
from collections.abc import Mapping
from typing import Any

import rfc8785

from opsconductor.domain.errors import BadInput
from opsconductor.domain.json_value import Json


def canonical_bytes(value: Json) -> bytes:
    """Canonical JSON of `value`. Floats, U+0000 and keys that become equal under NFC raise `plan.unhashable`."""
    try:
        return rfc8785.dumps(_normalised(value))
    except rfc8785.CanonicalizationError as error:
        raise BadInput("plan.unhashable", f"This value has no canonical form: {error}.") from error


def digest(value: Json) -> str:
    """`sha256:` and the hex SHA-256 of the canonical JSON of `value`."""
    return "sha256:" + hashlib.sha256(canonical_bytes(value)).hexdigest()


def _normalised(value: Json) -> Any:
    if isinstance(value, str):
        if "\x00" in value:
            raise BadInput("plan.unhashable", "Text with U+0000 cannot be hashed.")
        return unicodedata.normalize("NFC", value)
    if value is None or isinstance(value, int):
        return value
    if isinstance(value, float):
        raise BadInput("plan.unhashable", f"The fractional number {value!r} cannot be hashed.")
    if isinstance(value, Mapping):
        normalised = {unicodedata.normalize("NFC", key): _normalised(item) for key, item in value.items()}
        if len(normalised) != len(value):
            raise BadInput("plan.unhashable", "Two keys are the same text.")
        return normalised
    return [_normalised(item) for item in value]
