"""A pack's checked declaration, kept beside the digests of the files it came from, so that a start need not check it.

What is kept is believed only when its own checksum holds, it was written by this very code, and every file of the pack
still has the digest it had. Otherwise the pack is read and checked again, as if nothing had been kept.
"""

import contextlib
import hashlib
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import opsconductor

FORMAT = "pack/1"
_MAX_BYTES = 20 * 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class Kept:
    """A declaration that passed its check, with the digests that take time to compute."""

    declaration: Mapping[str, Any]
    digest: str
    tool_digests: Mapping[str, str]
    places: Mapping[str, str]


def kept_path(cache: Path, folder: Path) -> Path:
    """The file for the pack in `folder`, named so that packs do not meet."""
    return cache / f"pack-{hashlib.sha256(os.fsencode(folder.resolve())).hexdigest()[:16]}.json"


def read_kept(path: Path, files: Mapping[str, str]) -> Kept | None:
    """What was kept for files with exactly these digests, or None."""
    try:
        if path.stat().st_size > _MAX_BYTES:
            return None
        stamp, _, body = path.read_bytes().partition(b"\n")
        if stamp != _stamp(body):
            return None
        data = json.loads(body)
        if data.pop("files") != dict(files):
            return None
        return Kept(**data)
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None


def write_kept(path: Path, files: Mapping[str, str], kept: Kept) -> None:
    """Keep it, all or nothing. A cache that cannot be written costs time at the next start and nothing else."""
    body = json.dumps({"files": dict(files), **vars(kept)}, separators=(",", ":")).encode("utf-8")
    beside = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        beside.write_bytes(_stamp(body) + b"\n" + body)
        beside.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            beside.unlink()


def _stamp(body: bytes) -> bytes:
    return f"{FORMAT} {opsconductor.__version__} {_code()} {hashlib.sha256(body).hexdigest()}".encode()


def _code() -> str:
    """Changes with the checker's own code: a verdict of other code is no verdict."""
    files = sorted(Path(__file__).parent.glob("*.py"))
    seen = [(file.name, file.stat().st_size, file.stat().st_mtime_ns) for file in files]
    return hashlib.sha256(repr(seen).encode()).hexdigest()[:16]
