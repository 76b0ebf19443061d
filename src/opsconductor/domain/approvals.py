"""Approvals: a stored question to people about exact bytes."""

from dataclasses import dataclass
from enum import StrEnum

from opsconductor.domain.plan import ApprovalEnvelope


class ApprovalState(StrEnum):
    """pending → approved → consumed, or pending → rejected | expired | withdrawn."""

    PENDING = "pending"
    APPROVED = "approved"
    CONSUMED = "consumed"
    REJECTED = "rejected"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, kw_only=True)
class ApprovalDecision:
    """What one person said."""

    who: str  # identity id
    who_name: str
    decision: str  # approve | reject
    reason: str
    at: str
    how: str  # cli | chat | api | web
    level: int


@dataclass(frozen=True, kw_only=True)
class Approval:
    """A request for a decision. `envelope` is the stored object that dialogs show."""

    approval_id: str
    tenant: str
    execution_id: str
    plan_hash: str
    envelope: ApprovalEnvelope
    level: int
    state: ApprovalState
    requester: str
    turn_id: str
    created_at: str
    expires_at: str
    decisions: tuple[ApprovalDecision, ...] = ()
