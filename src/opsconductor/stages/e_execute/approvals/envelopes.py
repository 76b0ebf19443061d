"""The bytes an approval signs: made when a plan is frozen, and made again from what would run, to be compared."""

from dataclasses import replace

from opsconductor.domain.approvals import Approval
from opsconductor.domain.execution import Execution
from opsconductor.domain.plan import ApprovalEnvelope, PlanV1, envelope_content, hashed_step
from opsconductor.domain.tool_keys import order_content
from opsconductor.ports.canonical import digest

ENVELOPE_VERSION = 2


def envelope_of(
    execution: Execution,
    *,
    level: int,
    needed: int,
    policy_digest: str,
    catalogue_digest: str,
    expires_at: str,
    nonce: str,
    step_id: str = "",
) -> ApprovalEnvelope:
    """What people sign for this execution's plan, or for one step of it. Raises `plan.unhashable`."""
    plan = execution.plan
    return ApprovalEnvelope(
        version=ENVELOPE_VERSION,
        tenant=execution.tenant,
        execution_id=execution.execution_id,
        requester=execution.requester,
        plan_digest=plan.plan_digest,
        steps=tuple(hashed_step(step) for step in plan.steps),
        risk=plan.risk,
        approval_level=level,
        policy_digest=policy_digest,
        catalogue_digest=catalogue_digest,
        inventory_revision=plan.inventory_revision,
        expires_at=expires_at,
        nonce=nonce,
        strategy=plan.strategy,
        needed=needed,
        step_id=step_id,
    )


def hash_of(envelope: ApprovalEnvelope) -> str:
    """The `plan_hash` of an envelope."""
    return digest(envelope_content(envelope))


def is_intact(approval: Approval, execution: Execution) -> bool:
    """Whether the approval's hash is that of what would run now, and of the plan the execution holds."""
    signed = approval.envelope
    would_run = envelope_of(
        execution,
        level=approval.level,
        needed=approval.needed,
        policy_digest=signed.policy_digest,
        catalogue_digest=signed.catalogue_digest,
        expires_at=approval.expires_at,
        nonce=signed.nonce,
        step_id=approval.step_id,
    )
    hashes = {approval.plan_hash, hash_of(replace(signed, version=ENVELOPE_VERSION)), hash_of(would_run)}
    if not approval.step_id:
        hashes.add(execution.plan_hash)
    return len(hashes) == 1 and signed.version == ENVELOPE_VERSION


def tool_key(intent: str, plan: PlanV1) -> str:
    """The same for the same order; "" for a plan that changes nothing. Raises `plan.unhashable`."""
    content = order_content(intent, plan)
    return digest(content) if content is not None else ""
