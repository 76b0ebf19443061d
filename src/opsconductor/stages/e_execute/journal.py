"""Writes the step journal: intent and audit row before an effect, result and audit row after it."""

from opsconductor.domain.audit import AuditEntry
from opsconductor.domain.errors import Unavailable
from opsconductor.domain.execution import StepIntent, StepResult
from opsconductor.domain.json_value import Json
from opsconductor.ports.clock import Clock, timestamp
from opsconductor.ports.storage import Storage
from opsconductor.stages.e_execute.run_context import RunContext


class StepJournalWriter:
    """Each call is one durable commit of its own."""

    def __init__(self, storage: Storage, clock: Clock) -> None:
        self._storage = storage
        self._clock = clock

    async def intend(self, run: RunContext, blank: StepResult, before: Json) -> None:
        """Intent and audit row become durable together, or this raises `store.*` and the effect must not happen."""
        unit = self._storage.begin()
        unit.record_intent(
            StepIntent(
                execution_id=run.execution.execution_id,
                step_id=blank.step_id,
                target_id=blank.target_id,
                target=blank.target,
                tool=blank.tool,
                attempt=blank.attempts[-1].number,
                at=blank.started_at,
                before=before,
                owner=run.execution.owner,
            )
        )
        unit.append_audit(self._audit(run, "step.intent", blank))
        await unit.commit()

    async def conclude(self, run: RunContext, result: StepResult) -> None:
        """The result of one effect, fenced by the attempt's number. Raises `store.*` when it cannot be recorded."""
        unit = self._storage.begin()
        unit.record_result(run.execution.execution_id, result, result.attempts[-1].number)
        unit.append_audit(self._audit(run, f"step.{result.status.value}", result))
        try:
            await unit.commit()
        except Unavailable:
            if not await self._is_recorded(run, result):  # done, and only not acknowledged
                raise

    async def _is_recorded(self, run: RunContext, result: StepResult) -> bool:
        rows = await self._storage.journal(run.execution.tenant, run.execution.execution_id)
        this = (result.step_id, result.target_id, result.attempts[-1].number)
        return any(
            row.result is not None and (row.intent.step_id, row.intent.target_id, row.intent.attempt) == this
            for row in rows
        )

    def _audit(self, run: RunContext, action: str, result: StepResult) -> AuditEntry:
        return AuditEntry(
            tenant=run.execution.tenant,
            at=timestamp(self._clock.now()),
            actor=run.actor or run.execution.requester,
            action=action,
            subject=run.execution.execution_id,
            detail={
                "step": result.step_id,
                "tool": result.tool,
                "target": result.target,
                "attempt": result.attempts[-1].number if result.attempts else 0,
                "plan_hash": run.execution.plan_hash,
            },
        )
