"""An approval to try replies on: a pending question about a plan, with everything an envelope binds."""

from dataclasses import replace
from typing import Any

from opsconductor.domain.approvals import Approval, ApprovalState
from opsconductor.domain.plan import ApprovalEnvelope, PlanV1, envelope_content, hashed_step
from opsconductor.ports.canonical import digest
from opsconductor.testing.turns import MOMENT


def an_approval(plan: PlanV1, **changes: Any) -> Approval:
    """The requester's question about `plan`, with its true hash; `changes` replace fields."""
    envelope = ApprovalEnvelope(
        version=1,
        tenant="default",
        execution_id="exec_1",
        requester="id_1",
        plan_digest=plan.plan_digest,
        steps=tuple(hashed_step(step) for step in plan.steps),
        risk=plan.risk,
        approval_level=plan.approval_level,
        policy_digest="sha256:policy",
        catalogue_digest="sha256:contract",
        inventory_revision=plan.inventory_revision,
        expires_at=MOMENT,
        nonce="nonce_1",
    )
    approval = Approval(
        approval_id="appr_1",
        tenant="default",
        execution_id="exec_1",
        plan_hash=digest(envelope_content(envelope)),
        envelope=envelope,
        level=plan.approval_level,
        state=ApprovalState.PENDING,
        requester="id_1",
        turn_id="turn_1",
        created_at=MOMENT,
        expires_at=MOMENT,
    )
    return replace(approval, **changes)
