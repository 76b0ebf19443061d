"""The keyed seal that chains audit rows."""

from typing import Protocol

from opsconductor.domain.audit import AuditEntry


class AuditSeal(Protocol):
    """Makes each row's hash depend on a secret key and on every row before it."""

    def seal(self, previous: bytes, seq: int, entry: AuditEntry) -> bytes:
        """32 bytes: HMAC-SHA-256(key, previous ‖ canonical JSON of seq and entry). The first `previous`: 32 zeros."""
        ...

    def hide(self, secret: str) -> str:
        """A keyed digest that stands for a secret in audit rows: equal secrets show as equal, nothing more."""
        ...
