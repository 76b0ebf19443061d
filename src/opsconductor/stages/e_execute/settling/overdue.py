"""Ends what waits for a word that came too late: an approval past its time no longer keeps the same order away."""

from opsconductor.domain.approvals import Approval, ApprovalState
from opsconductor.domain.errors import Conflict
from opsconductor.domain.execution import ExecutionStatus
from opsconductor.ports.clock import Clock, timestamp
from opsconductor.ports.storage import Storage
from opsconductor.stages.e_execute.approvals.approval_rows import ApprovalRows
from opsconductor.stages.e_execute.steps.ended_early import cancelled, decisions_of, done_so_far

AT_ONCE = 200
SYSTEM = "system"


class Overdue:
    """Closes approvals past their expiry, with the executions that wait for them."""

    def __init__(self, storage: Storage, clock: Clock) -> None:
        self._storage = storage
        self._clock = clock
        self._rows = ApprovalRows(clock)

    async def close_all(self) -> tuple[Approval, ...]:
        """Those of every tenant that were closed. Raises `store.*`."""
        closed = []
        for tenant in await self._storage.tenants():
            for state in (ApprovalState.PENDING, ApprovalState.CHANGES_REQUESTED):
                for approval in await self._storage.approvals(tenant, state=state, limit=AT_ONCE):
                    if await self.close(approval):
                        closed.append(approval)
        return tuple(closed)

    async def close(self, approval: Approval) -> bool:
        """Whether this approval was past its time and has been closed here, its execution cancelled."""
        now = timestamp(self._clock.now())
        if now < approval.expires_at:
            return False
        execution = await self._storage.execution(approval.tenant, approval.execution_id)
        unit = self._storage.begin()
        if approval.state is ApprovalState.CHANGES_REQUESTED:
            unit.withdraw_approval(approval.approval_id)
        else:
            unit.expire_approval(approval.approval_id)
        unit.append_audit(self._rows.audit(approval, SYSTEM, "approval.expired", "expired"))
        if execution is not None and execution.status is ExecutionStatus.AWAITING_APPROVAL:
            unit.move_execution(self._rows.move(execution, ExecutionStatus.CANCELLED, SYSTEM, "expired"))
            if approval.step_id:
                done = await done_so_far(self._storage, execution)
                decisions = await decisions_of(self._storage, execution)
                words = f"The approval of this step expired at {approval.expires_at}."
                result = cancelled(execution, done, decisions, now, words)
                if result is not None:
                    unit.save_result(execution.execution_id, result)
        try:
            await unit.commit()
        except Conflict:
            return False  # somebody decided it at the last moment
        return True
