"""Small forms of the texts that fill a database: identifiers and digests as bytes, times as milliseconds.

Only texts that come back exactly are packed; any other is kept as it is, so every text is stored without loss.
"""

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from opsconductor.ports.clock import timestamp

_ID = re.compile(r"([a-z]{1,12})_([0-9a-f]{8})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{12})")
_DIGEST = re.compile(r"sha256:([0-9a-f]{64})")
_TIME = re.compile(r"[1-9]\d{3}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


@lru_cache(maxsize=4096)
def pack(text: str) -> str | bytes:
    """`turn_` and a UUID as `turn` and 16 bytes; `sha256:` and 64 digits as 32 bytes; else the text itself."""
    if found := _ID.fullmatch(text):
        prefix, *digits = found.groups()
        return prefix.encode() + bytes.fromhex("".join(digits))
    if found := _DIGEST.fullmatch(text):
        return bytes.fromhex(found[1])
    return text


def unpack(stored: str | bytes) -> str:
    """The text that was packed."""
    if isinstance(stored, str):
        return stored
    if len(stored) == 32:  # an identifier has 28 bytes at most
        return "sha256:" + stored.hex()
    digits = stored[-16:].hex()
    parts = (digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:])
    return f"{stored[:-16].decode()}_{'-'.join(parts)}"


@lru_cache(maxsize=256)  # the rows of one commit share their time
def pack_time(text: str) -> int | str:
    """A time in the one spelling as milliseconds since 1970; else the text itself."""
    if _TIME.fullmatch(text):
        try:
            return (datetime.fromisoformat(text) - _EPOCH) // _MILLISECOND
        except ValueError:
            return text
    return text


def unpack_time(stored: int | str) -> str:
    """The time that was packed."""
    return stored if isinstance(stored, str) else timestamp(_EPOCH + stored * _MILLISECOND)


def pack_optional_time(text: str | None) -> int | str | None:
    """As `pack_time`; nothing stays nothing."""
    return None if text is None else pack_time(text)


def unpack_optional_time(stored: int | str | None) -> str | None:
    """As `unpack_time`; nothing stays nothing."""
    return None if stored is None else unpack_time(stored)
