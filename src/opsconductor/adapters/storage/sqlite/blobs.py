"""Whole values in one column: JSON, compressed against a list of the words that such values are made of.

The words make a record half as large and quicker to compress. What is stored needs the very same words to be read
again: `blob_words_1.txt` never changes; other words get another number, which is the first byte of each blob.
"""

import zlib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, TypeVar

from opsconductor.adapters import json_codec
from opsconductor.domain.errors import BadInput, InternalFault

if TYPE_CHECKING:
    from zlib import _Compress, _Decompress

T = TypeVar("T")

_PLAIN = b"\x00"
_WORDS_1 = b"\x01"
_SMALL = 128  # bytes; not worth the 10 µs
_WINDOW = -14  # 16 KiB: the words and as much of the value; negative: no header and no checksum, SQLite has its own


def to_blob(value: Any) -> bytes:
    """`value` as bytes to store. Text that is no Unicode text raises `request.bad_text`."""
    return packed(json_codec.dump_bytes(value))


def packed(data: bytes) -> bytes:
    """The JSON `data` as bytes to store."""
    if len(data) < _SMALL:
        return _PLAIN + data
    packer = _packer().copy()
    return _WORDS_1 + packer.compress(data) + packer.flush()


def from_blob(kind: type[T], blob: bytes) -> T:
    """The value of type `kind` that was stored. Raises `store.corrupt` when the bytes hold none."""
    try:
        data = unpacked(blob)
        if data is not None:
            return json_codec.load(kind, data)
    except (zlib.error, BadInput) as error:
        raise InternalFault("store.corrupt", f"A stored {kind.__name__} cannot be read.") from error
    raise InternalFault("store.corrupt", f"A stored {kind.__name__} is of a form that this version does not know.")


def unpacked(blob: bytes) -> bytes | None:
    """The JSON that was stored; None for a form that this version does not know. Raises zlib.error."""
    if blob[:1] == _PLAIN:
        return blob[1:]
    if blob[:1] == _WORDS_1:
        return _unpacker().copy().decompress(blob[1:])
    return None


def from_optional_blob(kind: type[T], blob: bytes | None) -> T | None:
    """As `from_blob`; nothing stays nothing."""
    return None if blob is None else from_blob(kind, blob)


@cache
def _words() -> bytes:
    return files(__package__).joinpath("blob_words_1.txt").read_bytes()


@cache
def _packer() -> "_Compress":
    return zlib.compressobj(3, zlib.DEFLATED, _WINDOW, 7, zlib.Z_DEFAULT_STRATEGY, _words())


@cache
def _unpacker() -> "_Decompress":
    return zlib.decompressobj(_WINDOW, _words())
