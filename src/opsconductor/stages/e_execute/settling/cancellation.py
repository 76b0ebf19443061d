"""A person's order to stop: what waits ends at once; of what runs the step under way ends, and no later one begins."""

from opsconductor.domain.approvals import ApprovalState
from opsconductor.domain.audit import AuditEntry
from opsconductor.domain.errors import Conflict, NotFound, Refused
from opsconductor.domain.execution import Execution, ExecutionMove, ExecutionStatus
from opsconductor.domain.identity import Identity
from opsconductor.domain.states import TERMINAL
from opsconductor.ports.authorizer import Authorizer, Permission
from opsconductor.ports.clock import Clock, timestamp
from opsconductor.ports.storage import Storage, UnitOfWork
from opsconductor.stages.e_execute.approvals.ordered_once import NO_KEY, OrderKey, remember, was_ordered
from opsconductor.stages.e_execute.steps.ended_early import cancelled, decisions_of, done_so_far

TRIES = 5
"""An execution may start, or be decided, between the look and the order."""
_OPEN = (ApprovalState.PENDING, ApprovalState.CHANGES_REQUESTED)


class Cancellation:
    """Cancels executions. It is acknowledged only once it is stored: from then on no intent is taken."""

    def __init__(self, storage: Storage, authorizer: Authorizer, clock: Clock) -> None:
        self._storage = storage
        self._authorizer = authorizer
        self._clock = clock

    async def cancel(
        self, identity: Identity, execution_id: str, reason: str = "", order: OrderKey = NO_KEY
    ) -> Execution:
        """The execution as stored afterwards: `cancelled`, or still running with `cancelled_by`.

        Raises `execution.not_found`, `rights.denied`, `execution.not_cancellable`, `request.idempotency_reused`,
        `store.*`.
        """
        for left in reversed(range(TRIES)):
            execution = await self._allowed(identity, execution_id)
            if await was_ordered(self._storage, identity.tenant, order):
                return execution
            if execution.status in TERMINAL:
                words = f"The execution has already ended: {execution.status.value}."
                raise Conflict("execution.not_cancellable", words, status=execution.status.value)
            unit = self._storage.begin()
            remember(unit, identity.tenant, execution_id, order, self._clock)
            unit.request_cancel(execution_id, identity.identity_id)
            unit.append_audit(self._audit(execution, identity, "execution.cancel_requested", reason))
            if execution.status is not ExecutionStatus.RUNNING:
                await self._end(unit, execution, identity, reason)
            try:
                await unit.commit()
            except Conflict:
                if not left:
                    raise
                continue
            return await self._allowed(identity, execution_id)
        raise AssertionError("unreachable")

    async def _allowed(self, identity: Identity, execution_id: str) -> Execution:
        execution = await self._storage.execution(identity.tenant, execution_id)
        if execution is None:
            raise NotFound("execution.not_found", "There is no such execution.")
        own = execution.requester == identity.identity_id
        permission = Permission(action="cancel", tenant=identity.tenant, facts={"own_request": own})
        verdict = self._authorizer.decide(identity, permission)
        if not verdict.allowed:
            raise Refused("rights.denied", verdict.reason)
        return execution

    async def _end(self, unit: UnitOfWork, execution: Execution, identity: Identity, reason: str) -> None:
        """Withdraw its question and end it; what a level-3 run had done before it waited is told."""
        for approval in await self._storage.approvals_of(execution.tenant, execution.execution_id):
            if approval.state in _OPEN:
                unit.withdraw_approval(approval.approval_id)
        now = timestamp(self._clock.now())
        done = await done_so_far(self._storage, execution)
        words = f"{identity.name} cancelled it before this step began."
        result = cancelled(execution, done, await decisions_of(self._storage, execution), now, words)
        if result is not None:
            unit.save_result(execution.execution_id, result)
        unit.move_execution(
            ExecutionMove(
                execution_id=execution.execution_id,
                source=execution.status,
                target=ExecutionStatus.CANCELLED,
                actor=identity.identity_id,
                at=now,
                reason=reason or "cancelled",
            )
        )
        unit.append_audit(self._audit(execution, identity, "execution.cancelled", reason))

    def _audit(self, execution: Execution, identity: Identity, action: str, reason: str) -> AuditEntry:
        return AuditEntry(
            tenant=execution.tenant,
            at=timestamp(self._clock.now()),
            actor=identity.identity_id,
            action=action,
            subject=execution.execution_id,
            detail={"status": execution.status.value, "reason": reason},
        )
