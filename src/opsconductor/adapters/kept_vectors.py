"""Vectors of a catalogue's texts, kept on disk between runs: a cold start reads them instead of embedding anew.

One file an embedder, addressed by the digest of each text: an edited pack embeds only what changed.
"""

import asyncio
import hashlib
import os
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from opsconductor.ports.embedder import Embedder, Vectors

MOST_KEPT = 30_000  # texts; beyond it those that this process did not ask for are dropped with the next save
_CHECKSUM = 32  # bytes of SHA-256 in front of the array
_DIGEST = 16


class KeptVectors:
    """An embedder with a memory in a file; a damaged or missing file only costs time."""

    def __init__(self, embedder: Embedder, folder: Path) -> None:
        """`folder` is made on the first save; nothing is read yet."""
        self._embedder = embedder
        self._file = folder / f"vectors-{embedder.digest.removeprefix('sha256:')[:16]}.bin"
        self._known: dict[bytes, NDArray[np.float32]] | None = None
        self._asked: set[bytes] = set()
        self._lock = asyncio.Lock()

    @property
    def embedder_digest(self) -> str:
        """Names what made the vectors."""
        return self._embedder.digest

    async def vectors(self, texts: Sequence[str]) -> Vectors:
        """Vectors of `texts`, [len(texts), dimensions]; raises what the embedder raises."""
        names = [hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:_DIGEST] for text in texts]
        async with self._lock:
            if self._known is None:
                self._known = await asyncio.to_thread(_read, self._file, self._embedder.dimensions)
            self._asked.update(names)
            missing = {name: text for name, text in zip(names, texts, strict=True) if name not in self._known}
            if missing:
                self._known.update(zip(missing, await self._embedder.embed(list(missing.values())), strict=True))
                kept = await asyncio.to_thread(_read, self._file, self._embedder.dimensions)  # of other processes too
                await asyncio.to_thread(_write, self._file, self._worth_keeping({**kept, **self._known}))
            rows = [self._known[name] for name in names]
        return np.stack(rows) if rows else np.empty((0, self._embedder.dimensions), np.float32)

    def _worth_keeping(self, known: dict[bytes, NDArray[np.float32]]) -> dict[bytes, NDArray[np.float32]]:
        if len(known) <= MOST_KEPT:
            return known
        return {name: row for name, row in known.items() if name in self._asked}


def write_atomically(file: Path, content: bytes) -> None:
    """All of it or nothing, for whoever reads at the same time. Raises OSError."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=file.name, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as part:
            part.write(content)
        os.replace(name, file)
    except OSError:
        with suppress(OSError):
            os.unlink(name)
        raise


def _row_type(dimensions: int) -> np.dtype[np.void]:
    return np.dtype([("name", f"V{_DIGEST}"), ("vector", "<f4", (dimensions,))])


def _read(file: Path, dimensions: int) -> dict[bytes, NDArray[np.float32]]:
    """What was written, or nothing when it is not exactly that."""
    try:
        content = file.read_bytes()
        checksum, body = content[:_CHECKSUM], content[_CHECKSUM:]
        if hashlib.sha256(body).digest() != checksum:
            return {}
        rows = np.load(BytesIO(body), allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return {}
    if rows.dtype != _row_type(dimensions) or not np.isfinite(rows["vector"]).all():
        return {}
    return {name.tobytes(): vector for name, vector in zip(rows["name"], rows["vector"], strict=True)}


def _write(file: Path, known: dict[bytes, NDArray[np.float32]]) -> None:
    """A home that cannot be written costs the next start its time, and nothing else."""
    rows = np.empty(len(known), dtype=_row_type(len(next(iter(known.values())))))
    rows["name"] = [np.void(name) for name in known]
    rows["vector"] = np.stack(list(known.values()))
    body = BytesIO()
    np.save(body, rows, allow_pickle=False)
    with suppress(OSError):
        write_atomically(file, hashlib.sha256(body.getvalue()).digest() + body.getvalue())
