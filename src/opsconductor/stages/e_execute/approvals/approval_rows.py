"""The rows that a decision on an approval leaves: the decision itself, the move of its execution, the audit."""

from opsconductor.domain.approvals import Approval, ApprovalDecision
from opsconductor.domain.audit import AuditEntry
from opsconductor.domain.execution import Execution, ExecutionMove, ExecutionStatus
from opsconductor.domain.identity import Identity
from opsconductor.domain.json_value import Json
from opsconductor.domain.turn import ApprovalAnswer
from opsconductor.ports.clock import Clock, timestamp

WORDS = {"approve": "approve", "request_changes": "request_changes"}
"""Every other word is a no."""


class ApprovalRows:
    """Makes them with the time at which they are made."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def decision(self, approval: Approval, identity: Identity, answer: ApprovalAnswer, how: str) -> ApprovalDecision:
        """What this person said."""
        return ApprovalDecision(
            who=identity.identity_id,
            who_name=identity.name,
            decision=WORDS.get(answer.decision, "reject"),
            reason=answer.reason,
            at=timestamp(self._clock.now()),
            how=how,
            level=approval.level,
            break_glass=answer.break_glass and answer.decision == "approve",
        )

    def move(self, execution: Execution, target: ExecutionStatus, actor: str, why: str) -> ExecutionMove:
        """From waiting to `target`."""
        return ExecutionMove(
            execution_id=execution.execution_id,
            source=ExecutionStatus.AWAITING_APPROVAL,
            target=target,
            actor=actor,
            at=timestamp(self._clock.now()),
            reason=why,
        )

    def audit(self, approval: Approval, actor: str, action: str, reason: str = "", **detail: Json) -> AuditEntry:
        """What is about to happen to the approval, by whom."""
        facts: dict[str, Json] = {
            "execution": approval.execution_id,
            "plan_hash": approval.plan_hash,
            "reason": reason,
            **({"step": approval.step_id} if approval.step_id else {}),
            **detail,
        }
        return AuditEntry(
            tenant=approval.tenant,
            at=timestamp(self._clock.now()),
            actor=actor,
            action=action,
            subject=approval.approval_id,
            detail=facts,
        )
