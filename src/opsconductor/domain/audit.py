"""Audit entries: what is about to happen or has happened, in a chain that shows tampering."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from opsconductor.domain.json_value import Json


@dataclass(frozen=True, kw_only=True)
class AuditEntry:
    """One fact to be chained. `detail` holds no secrets and no floats."""

    tenant: str
    at: str
    actor: str  # identity id, or system
    action: str  # e.g. turn.accepted, phase.completed, step.intent, approval.decided
    subject: str  # id of what it is about
    detail: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class ChainedAudit:
    """A stored entry: `hash` = HMAC-SHA-256(key, previous hash ‖ canonical JSON of the entry and its number)."""

    seq: int  # per tenant, without gaps, from 1
    entry: AuditEntry
    hash: str  # hex
