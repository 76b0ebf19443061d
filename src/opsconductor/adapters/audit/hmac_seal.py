"""The audit chain's seal: HMAC-SHA-256 with a key that only this home has."""

import hmac
import os
from collections.abc import Iterable
from json.encoder import encode_basestring as _quoted
from pathlib import Path

from opsconductor.domain.audit import AuditEntry, ChainedAudit
from opsconductor.domain.errors import InternalFault, Unavailable
from opsconductor.domain.json_value import Json
from opsconductor.ports.canonical import ascii_canonical, canonical_bytes

_KEY_BYTES = 32


class HmacSeal:
    """Seals audit rows, and checks rows that were sealed."""

    def __init__(self, key: bytes) -> None:
        """`key`: 32 secret bytes, the same for the life of the home."""
        self._keyed = hmac.new(key, digestmod="sha256")  # copied for each row: the key is prepared once

    def seal(self, previous: bytes, seq: int, entry: AuditEntry, detail: str | None = None) -> bytes:
        """See the port. Floats and U+0000 in the detail raise `plan.unhashable`."""
        return self._digest(previous + _canonical(seq, entry, detail or ascii_canonical(entry.detail)))

    def hide(self, secret: str) -> str:
        """See the port: `hmac:` and 32 hexadecimal digits."""
        # Another first byte than any row has, so that no digest of a secret can pass for a seal.
        return "hmac:" + self._digest(b"secret\x00" + secret.encode("utf-8", "surrogatepass")).hex()[:32]

    def _digest(self, message: bytes) -> bytes:
        keyed = self._keyed.copy()
        keyed.update(message)
        return keyed.digest()

    def verify(self, rows: Iterable[ChainedAudit], previous: bytes = bytes(32), after: int = 0) -> int | None:
        """The number of the first row that is not what was sealed, or is missing; None when all are whole.

        `rows` of one tenant in order; they follow the row numbered `after` whose hash is `previous`.
        """
        expected = after
        for row in rows:
            expected += 1
            previous = self.seal(previous, expected, row.entry)
            if row.seq != expected or not hmac.compare_digest(previous.hex(), row.hash):
                return expected
        return None


def load_or_create_key(path: Path) -> bytes:
    """The key in the file at `path`; on the first start a new one, in a file of mode 0600. Raises `home.unusable`."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            _create(path)
        key = path.read_bytes()
    except OSError as error:
        raise Unavailable("home.unusable", f"The audit key {path} cannot be read: {error.strerror}.") from error
    if len(key) != _KEY_BYTES:
        raise InternalFault("audit.broken", f"The audit key {path} is damaged; put it back from a backup.")
    return key


def open_seal(key: bytes) -> HmacSeal:
    """A seal with this key."""
    return HmacSeal(key)


def _create(path: Path) -> None:
    # Whole or not there: of two processes at their first start, one's key stands and both read it.
    unfinished = path.with_name(f"{path.name}.{os.getpid()}.unfinished")
    with open(os.open(unfinished, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "wb") as file:
        file.write(os.urandom(_KEY_BYTES))
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(unfinished, path)
    except FileExistsError:
        return
    finally:
        unfinished.unlink()


def _canonical(seq: int, entry: AuditEntry, detail: str | None) -> bytes:
    if detail is not None:
        # What nearly all rows come to, put together by hand: a turn seals more than ten of them.
        text = (
            f'{{"action":{_quoted(entry.action)},"actor":{_quoted(entry.actor)},"at":{_quoted(entry.at)},'
            f'"detail":{detail},"seq":{seq},"subject":{_quoted(entry.subject)},"tenant":{_quoted(entry.tenant)}}}'
        )
        if text.isascii() and "\\u0000" not in text:
            return text.encode("ascii")
    content: dict[str, Json] = {
        "action": entry.action,
        "actor": entry.actor,
        "at": entry.at,
        "detail": entry.detail,
        "seq": seq,
        "subject": entry.subject,
        "tenant": entry.tenant,
    }
    return canonical_bytes(content)
