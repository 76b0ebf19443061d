"""A person's word on an outcome that nobody could read back: done or not, with a reason, kept with who and when."""

from dataclasses import replace

from opsconductor.domain.approval_rights import self_approval
from opsconductor.domain.errors import BadInput, Conflict, NotFound, Refused
from opsconductor.domain.execution import Execution, ExecutionStatus, StepError, StepResult, StepStatus
from opsconductor.domain.identity import Identity
from opsconductor.domain.json_value import Json
from opsconductor.ports.authorizer import Authorizer, Permission
from opsconductor.ports.clock import Clock, timestamp
from opsconductor.ports.storage import Storage
from opsconductor.stages.e_execute.approvals.ordered_once import NO_KEY, OrderKey, remember, was_ordered
from opsconductor.stages.e_execute.settling.settlement import Settlement
from opsconductor.stages.e_execute.steps.attempts import newest

DONE, NOT_DONE = "done", "not-done"


class Resolution:
    """Settles unknown steps by what a person found out."""

    def __init__(self, storage: Storage, authorizer: Authorizer, clock: Clock) -> None:
        self._storage = storage
        self._authorizer = authorizer
        self._clock = clock
        self._settlement = Settlement(storage, clock)

    async def resolve(
        self,
        identity: Identity,
        execution_id: str,
        outcome: str,
        reason: str,
        *,
        step: str = "",
        target: str = "",
        order: OrderKey = NO_KEY,
    ) -> Execution:
        """The execution as stored afterwards; it stays unknown while any step of it is.

        `outcome` is `done` or `not-done`, of every unknown step, or of those that `step` (id) and `target` (name or
        id) leave. Raises `execution.not_found`, `rights.denied`, `approval.reason_needed`, `request.invalid`,
        `execution.not_unknown`, `request.idempotency_reused`, `store.*`.
        """
        if outcome not in (DONE, NOT_DONE):
            raise BadInput("request.invalid", f"as: must be {DONE} or {NOT_DONE}.", field="as")
        execution = await self._storage.execution(identity.tenant, execution_id)
        if execution is None:
            raise NotFound("execution.not_found", "There is no such execution.")
        facts: dict[str, Json] = {
            "own_request": identity.identity_id == execution.requester,
            "self_approval": self_approval(await self._storage.tenant_settings(identity.tenant)),
        }
        verdict = self._authorizer.decide(identity, Permission(action="resolve", tenant=identity.tenant, facts=facts))
        if not verdict.allowed:
            raise Refused("rights.denied", verdict.reason)
        if not reason.strip():
            raise BadInput("approval.reason_needed", "An outcome is settled with a reason; nothing was changed.")
        if await was_ordered(self._storage, identity.tenant, order):
            return execution
        results = await self._unknown(execution, step, target)
        return await self._settlement.settle(
            execution,
            [self._settled(result, identity, outcome, reason) for result in results],
            actor=identity.identity_id,
            action="step.resolved",
            reason=reason,
            again_s=0.0,  # what is left may still be read back
            beside=lambda unit: remember(unit, identity.tenant, execution_id, order, self._clock),
        )

    async def _unknown(self, execution: Execution, step: str, target: str) -> list[StepResult]:
        if execution.status is not ExecutionStatus.UNKNOWN:
            words = f"The execution is {execution.status.value}: there is nothing to settle."
            raise Conflict("execution.not_unknown", words, status=execution.status.value)
        rows = newest(await self._storage.journal(execution.tenant, execution.execution_id))
        found = [
            row.result
            for row in rows.values()
            if row.result is not None
            and row.result.status is StepStatus.UNKNOWN
            and step in ("", row.result.step_id)
            and target in ("", row.result.target, row.result.target_id)
        ]
        if not found:
            raise Conflict("execution.not_unknown", "No such step of this execution has an unknown outcome.")
        return found

    def _settled(self, result: StepResult, identity: Identity, outcome: str, reason: str) -> StepResult:
        now = timestamp(self._clock.now())
        said = "done" if outcome == DONE else "not done"
        error = StepError(code="execution.criteria_not_met", message=f"It did not happen, says {identity.name}.")
        return replace(
            result,
            status=StepStatus.SUCCEEDED if outcome == DONE else StepStatus.FAILED,
            error=None if outcome == DONE else error,
            note=f"Settled as {said} by {identity.name} at {now}: {reason}",
            completed_at=now,
            duration_s=None,
        )
