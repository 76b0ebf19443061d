"""Approvals: a stored question to people about exact bytes."""

from dataclasses import dataclass
from enum import StrEnum

from opsconductor.domain.plan import ApprovalEnvelope


class ApprovalState(StrEnum):
    """pending → approved → consumed, or pending → rejected | changes_requested | expired | withdrawn."""

    PENDING = "pending"
    APPROVED = "approved"
    CONSUMED = "consumed"
    REJECTED = "rejected"
    CHANGES_REQUESTED = "changes_requested"  # a person wants another plan; an edit makes one, with a new hash
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"  # cancelled, or replaced by an edited plan


@dataclass(frozen=True, kw_only=True)
class ApprovalDecision:
    """What one person said."""

    who: str  # identity id
    who_name: str
    decision: str  # approve | reject | request_changes
    reason: str
    at: str
    how: str  # cli | chat | api | web
    level: int
    break_glass: bool = False  # given without the second person; it is owed a review


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
    needed: int = 1  # distinct people who must approve before it is approved
    step_id: str = ""  # the one step it confirms (level 3); "" = the whole plan
    review: ApprovalDecision | None = None  # what a second person said afterwards of a break-glass approval
