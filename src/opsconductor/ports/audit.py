"""The keyed seal that chains audit rows, and the anchor that remembers how far a chain had come."""

from collections.abc import Mapping
from typing import Protocol

from opsconductor.domain.audit import AuditEntry, AuditHead


class AuditSeal(Protocol):
    """Makes each row's hash depend on a secret key and on every row before it."""

    def seal(self, previous: bytes, seq: int, entry: AuditEntry, detail: str | None = None) -> bytes:
        """32 bytes: HMAC-SHA-256(key, previous ‖ canonical JSON of seq and entry). The first `previous`: 32 zeros.

        `detail`: what `ascii_canonical` says of the entry's detail, from whoever has asked it already.
        """
        ...

    def hide(self, secret: str) -> str:
        """A keyed digest that stands for a secret in audit rows: equal secrets show as equal, nothing more."""
        ...


class AuditAnchor(Protocol):
    """Heads of chains, kept outside the store: rows cut off a chain's end leave a head that nothing reaches."""

    def heads(self) -> Mapping[str, AuditHead]:
        """The kept heads by tenant; none before the first. Raises `audit.broken` when they were altered."""
        ...

    def keep(self, heads: Mapping[str, AuditHead]) -> None:
        """Remember these heads. A head that is not further on than the kept one changes nothing: chains only grow.

        Raises `audit.broken` when the kept ones were altered, `home.unusable` when they cannot be written.
        """
        ...
