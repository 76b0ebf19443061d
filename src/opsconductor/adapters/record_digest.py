"""The digest that ties a turn's record to its row in the audit chain, the same in every store."""

import hashlib
from dataclasses import replace

from opsconductor.domain.audit import AuditEntry

RECORD = "record"
"""The key in the row's detail."""


def record_digest(body: bytes) -> str:
    """`sha256:` and the hex SHA-256 of a record's JSON as it is stored: of the bytes, not of what they mean."""
    return "sha256:" + hashlib.sha256(body).hexdigest()


def with_digest(entry: AuditEntry, body: bytes) -> AuditEntry:
    """The row with the digest of `body` in its detail."""
    return replace(entry, detail={**entry.detail, RECORD: record_digest(body)})
