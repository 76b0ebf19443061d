"""Writes the step journal: intent, audit row and target lock before an effect; result and audit row after it."""

from contextlib import suppress

from opsconductor.domain.audit import AuditEntry
from opsconductor.domain.errors import Conflict, OpsConductorError, Unavailable
from opsconductor.domain.execution import StepIntent, StepResult
from opsconductor.domain.json_value import Json
from opsconductor.ports.clock import Clock, timestamp
from opsconductor.ports.storage import Storage, UnitOfWork
from opsconductor.stages.e_execute.settling.lease import LEASE_S, lost
from opsconductor.stages.e_execute.settling.proof import is_changed_by_others
from opsconductor.stages.e_execute.settling.settlement import Settlement
from opsconductor.stages.e_execute.steps.run_context import RunContext


class StepJournalWriter:
    """Each call is one durable commit of its own, under the run's claim."""

    def __init__(self, storage: Storage, clock: Clock) -> None:
        self._storage = storage
        self._clock = clock
        self._settlement = Settlement(storage, clock)

    async def intend(self, run: RunContext, trying: StepResult, before: Json) -> None:
        """Intent, audit row and target lock become durable together, or this raises and the effect must not happen.

        Raises `execution.fenced`, `execution.cancelled`, `target.busy`, `store.*`.
        """
        execution = run.execution
        unit = self._storage.begin()
        # Not the attempt's start: reading back came before, and what may still happen is reckoned from this time.
        now = timestamp(self._clock.now())
        unit.record_intent(intent_of(run, trying, before, run.approval_id, at=now))
        if trying.target_id:
            unit.lock_target(execution.tenant, trying.target_id, execution.execution_id, LEASE_S)
        unit.append_audit(self._audit(run, "step.intent", trying, now))
        await unit.commit()

    async def try_again(self, run: RunContext, failed: StepResult, trying: StepResult) -> None:
        """A read's failed attempt and the intent of its next one. Raises as `intend` does, but for the lock."""
        unit = self._storage.begin()
        self._record(unit, run, failed)
        unit.record_intent(intent_of(run, trying))
        await unit.commit()

    async def conclude(
        self,
        run: RunContext,
        result: StepResult,
        *,
        whole_output: bytes = b"",
        taken_back: StepResult | None = None,
        read_back: bool = True,
    ) -> None:
        """The result of one effect, fenced by the attempt's number and the run's claim.

        `whole_output` is kept under the result's `output_ref`; `taken_back` is the effect that this one has undone;
        `read_back` tells that the result stands on the probe's reading, not on the far side's own word.
        Raises `execution.fenced` when somebody else has the run or has settled this attempt, and `store.*` when the
        result cannot be recorded.
        """
        execution = run.execution
        unit = self._storage.begin()
        self._record(unit, run, result)
        if whole_output and result.output_ref:
            unit.keep_output(execution.tenant, execution.execution_id, result.output_ref, whole_output)
        if taken_back is not None:
            unit.settle_result(execution.execution_id, taken_back, taken_back.attempts[-1].number)
        now = timestamp(self._clock.now())
        unit.append_audit(self._audit(run, f"step.{result.status.value}", result, now))
        if taken_back is not None:
            unit.append_audit(self._audit(run, "step.compensated", taken_back, now))
        try:
            await unit.commit()
        except Unavailable:
            if not await self._is_recorded(run, result):  # done, and only not acknowledged
                raise
        except Conflict as error:
            with suppress(OpsConductorError):  # it is told where it can be; that the run is lost is told in any case
                await self._settlement.tell_late(run.execution, result, read_back=read_back)
            raise lost(run.execution) from error

    async def is_open(self, run: RunContext, trying: StepResult) -> bool:
        """Whether the attempt's intent is stored without a result; False too when the store cannot tell."""
        this = (trying.step_id, trying.target_id, trying.attempts[-1].number)
        try:
            rows = await self._storage.journal(run.execution.tenant, run.execution.execution_id)
        except OpsConductorError:
            return False
        found = [row for row in rows if (row.intent.step_id, row.intent.target_id, row.intent.attempt) == this]
        return any(row.result is None for row in found)

    async def is_disputed(self, run: RunContext, trying: StepResult) -> bool:
        """Whether what was just read back may be another execution's effect; True too when the store cannot tell."""
        execution = run.execution
        try:
            return await is_changed_by_others(
                self._storage, execution.tenant, execution.execution_id, trying.target_id, trying.tool
            )
        except OpsConductorError:
            return True

    async def is_cancelled(self, run: RunContext) -> bool:
        """Whether somebody asked to cancel the run. Raises `store.*`."""
        stored = await self._storage.execution(run.execution.tenant, run.execution.execution_id)
        return stored is not None and bool(stored.cancelled_by)

    async def busy_words(self, run: RunContext, target: str, error: OpsConductorError) -> str:
        """Who holds the target: the execution and the person who wanted it. Raises `store.*`."""
        tenant, holder = run.execution.tenant, str(error.facts.get("holder", ""))
        held = await self._storage.execution(tenant, holder) if holder else None
        identity = await self._storage.identity_by_id(tenant, held.requester) if held is not None else None
        whose = f" of {identity.name}" if identity is not None else f" of {held.requester}" if held else ""
        return f"{target} is being changed by {holder or 'another run'}{whose}. Nothing was run."

    def _record(self, unit: UnitOfWork, run: RunContext, result: StepResult) -> None:
        execution = run.execution
        unit.record_result(execution.execution_id, result, result.attempts[-1].number, claim=execution.claim)

    async def _is_recorded(self, run: RunContext, result: StepResult) -> bool:
        rows = await self._storage.journal(run.execution.tenant, run.execution.execution_id)
        this = (result.step_id, result.target_id, result.attempts[-1].number)
        return any(
            row.result is not None and (row.intent.step_id, row.intent.target_id, row.intent.attempt) == this
            for row in rows
        )

    def _audit(self, run: RunContext, action: str, result: StepResult, at: str) -> AuditEntry:
        return AuditEntry(
            tenant=run.execution.tenant,
            at=at,
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


def intent_of(
    run: RunContext, trying: StepResult, before: Json = None, approval_id: str = "", at: str = ""
) -> StepIntent:
    """The intent of the newest attempt, as of its start unless `at` is another time.

    Only a change names the approval that allows it.
    """
    return StepIntent(
        execution_id=run.execution.execution_id,
        step_id=trying.step_id,
        target_id=trying.target_id,
        target=trying.target,
        tool=trying.tool,
        attempt=trying.attempts[-1].number,
        at=at or trying.attempts[-1].started_at,
        before=before,
        owner=run.execution.owner,
        claim=run.execution.claim,
        approval_id=approval_id,
    )
