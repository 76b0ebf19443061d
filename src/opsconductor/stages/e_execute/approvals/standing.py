"""Whether an approval still stands, asked before its hash: the plan of one that was replaced is another by now."""

from opsconductor.domain.approvals import Approval, ApprovalState
from opsconductor.domain.errors import Conflict
from opsconductor.ports.storage import Storage

_STANDING = (ApprovalState.PENDING, ApprovalState.CHANGES_REQUESTED)


async def check_standing(storage: Storage, approval: Approval) -> None:
    """Raise `approval.not_pending` when it is decided, withdrawn or expired; with the newer one, where one waits."""
    if approval.state in _STANDING:
        return
    later = await storage.approvals_of(approval.tenant, approval.execution_id)
    newer = later[-1] if later and later[-1].state in _STANDING else None
    instead = f"; {newer.approval_id} took its place" if newer is not None and not newer.step_id else ""
    raise Conflict("approval.not_pending", f"This approval is already {approval.state.value}{instead}.")
