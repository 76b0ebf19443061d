"""The anchor as one small file beside the audit key, sealed with it."""

import fcntl
import hmac
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from opsconductor.domain.audit import AuditHead
from opsconductor.domain.errors import InternalFault, Unavailable


class SealedFileAnchor:
    """Heads by tenant as JSON, and the seal over it. Whole or not there: a crash leaves the former file."""

    def __init__(self, path: Path, key: bytes) -> None:
        """`path`: the file, which need not exist yet; `key`: the home's audit key."""
        self._path = path
        self._key = key

    def heads(self) -> Mapping[str, AuditHead]:
        """See the port."""
        try:
            seal, _, content = self._path.read_bytes().partition(b"\n")
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise _unusable(self._path, error) from error
        if not hmac.compare_digest(seal, self._seal(content)):
            raise InternalFault("audit.broken", f"The audit anchor {self._path} was altered, or is of another key.")
        return {tenant: AuditHead(seq=seq, hash=hash_) for tenant, (seq, hash_) in json.loads(content).items()}

    def keep(self, heads: Mapping[str, AuditHead]) -> None:
        """See the port."""
        try:
            with self._alone():
                kept = dict(self.heads())
                further = {t: head for t, head in heads.items() if t not in kept or head.seq > kept[t].seq}
                if further:
                    self._write(kept | further)
        except OSError as error:
            raise _unusable(self._path, error) from error

    def _write(self, heads: Mapping[str, AuditHead]) -> None:
        content = json.dumps({tenant: [head.seq, head.hash] for tenant, head in sorted(heads.items())}).encode()
        unfinished = self._path.with_name(f"{self._path.name}.unfinished")
        with open(os.open(unfinished, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "wb") as file:
            file.write(self._seal(content) + b"\n" + content)
        os.replace(unfinished, self._path)

    def _seal(self, content: bytes) -> bytes:
        # Another first byte than any row or secret has, so that no other digest of this key can pass for it.
        return hmac.digest(self._key, b"anchor\x00" + content, "sha256").hex().encode()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Reading, comparing and writing are one: two processes never set the anchor back."""
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self._path.with_name(f"{self._path.name}.lock"), os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)


def open_anchor(path: Path, key: bytes) -> SealedFileAnchor:
    """The anchor in the file at `path`."""
    return SealedFileAnchor(path, key)


def _unusable(path: Path, error: OSError) -> Unavailable:
    return Unavailable("home.unusable", f"The audit anchor {path} cannot be used: {error.strerror}.")
