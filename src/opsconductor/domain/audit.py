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


@dataclass(frozen=True, kw_only=True)
class AuditHead:
    """Where a tenant's chain ended at some time."""

    seq: int
    hash: str  # hex


@dataclass(frozen=True, kw_only=True)
class AuditVerdict:
    """What a check of one tenant's chain found: two questions, two answers."""

    tenant: str
    rows: int  # rows that were read
    broken_at: int | None = None  # number of the first row that is not what was sealed; None: every row is
    missing: tuple[str, ...] = ()  # what should be there and is not, in words; () = nothing is missed
    altered: tuple[str, ...] = ()  # turns whose record is not the one that was sealed, in words

    @property
    def integrity(self) -> str:
        """Whether the rows that are there, and the records they seal, are as they were written: whole | broken."""
        return "whole" if self.broken_at is None and not self.altered else "broken"

    @property
    def completeness(self) -> str:
        """Whether all rows that were written are there, and all records they tell of: complete | incomplete."""
        return "incomplete" if self.missing else "complete"
