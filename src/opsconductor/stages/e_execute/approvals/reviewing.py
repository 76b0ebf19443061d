"""The review that an approval without the second person owes: by somebody else, with a reason, recorded."""

from dataclasses import replace

from opsconductor.domain.approvals import Approval, ApprovalDecision
from opsconductor.domain.errors import BadInput, Conflict, NotFound, Refused
from opsconductor.domain.identity import Identity
from opsconductor.ports.authorizer import Authorizer, Permission
from opsconductor.ports.clock import Clock, timestamp
from opsconductor.ports.storage import Storage
from opsconductor.stages.e_execute.approvals.approval_rows import ApprovalRows


class Reviewing:
    """Records what a second person says afterwards."""

    def __init__(self, storage: Storage, authorizer: Authorizer, clock: Clock) -> None:
        self._storage = storage
        self._authorizer = authorizer
        self._clock = clock
        self._rows = ApprovalRows(clock)

    async def review(self, identity: Identity, how: str, approval_id: str, reason: str, *, agrees: bool) -> Approval:
        """The reviewed approval. It changes nothing of what was run, whether the reviewer agrees or not.

        Raises `approval.not_found|not_yours|not_reviewable|reason_needed`, `store.*`.
        """
        approval = await self._storage.approval(identity.tenant, approval_id)
        if approval is None:
            raise NotFound("approval.not_found", f"There is no approval {approval_id}.")
        if not reason.strip():
            raise BadInput("approval.reason_needed", "A review needs a reason; nothing was recorded.")
        broken = [decision for decision in approval.decisions if decision.break_glass]
        own = identity.identity_id in {approval.envelope.requester, *(decision.who for decision in broken)}
        permission = Permission(action="review", tenant=identity.tenant, facts={"own_decision": own})
        verdict = self._authorizer.decide(identity, permission)
        if not verdict.allowed:
            raise Refused("approval.not_yours", verdict.reason)
        if not broken or approval.review is not None:
            raise Conflict("approval.not_reviewable", f"{approval_id} owes no review.")
        review = ApprovalDecision(
            who=identity.identity_id,
            who_name=identity.name,
            decision="approve" if agrees else "reject",
            reason=reason,
            at=timestamp(self._clock.now()),
            how=how,
            level=approval.level,
        )
        unit = self._storage.begin()
        unit.review_approval(approval_id, review)
        unit.append_audit(self._rows.audit(approval, identity.identity_id, "approval.reviewed", reason, agrees=agrees))
        await unit.commit()
        return replace(approval, review=review)
