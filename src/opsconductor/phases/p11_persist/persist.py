"""P11 persist: one transaction for session, customer data, record, execution and what follows the reply.

reads: all that the turn made
writes: session, customer data, TurnRecord, execution's end, approval, audit rows, outbox
"""

import asyncio
from dataclasses import replace

from opsconductor.domain.audit import AuditEntry
from opsconductor.domain.customer import Scope, VariableEntry
from opsconductor.domain.errors import Unavailable, bare
from opsconductor.domain.execution import Closing, Paused
from opsconductor.domain.outbox import OutboxMessage
from opsconductor.domain.response import ReplyKind, ResponseV1
from opsconductor.domain.retrieval import RetrievalResults
from opsconductor.domain.rules import SelectedRules
from opsconductor.domain.scenarios import Orchestration
from opsconductor.domain.turn import (
    CustomerUpdate,
    PhaseTiming,
    Session,
    ToolPhaseResult,
    Trigger,
    TurnContext,
    TurnRecord,
    TurnReply,
)
from opsconductor.phases.p11_persist.record import build_record, build_reply
from opsconductor.ports.clock import Clock, timestamp
from opsconductor.ports.ids import Ids
from opsconductor.ports.processes import Processes
from opsconductor.ports.session_memory import SessionMemory
from opsconductor.ports.storage import Storage, UnitOfWork
from opsconductor.ports.telemetry import TurnTrace

FOLLOWING = ("memory", "analytics")


class Persist:
    """Commits the turn's edge. When this raises, nothing of the turn's end is stored and recovery closes it."""

    def __init__(self, storage: Storage, memory: SessionMemory, processes: Processes, clock: Clock, ids: Ids) -> None:
        self._storage = storage
        self._memory = memory
        self._processes = processes
        self._clock = clock
        self._ids = ids

    async def run(
        self,
        context: TurnContext,
        customer: CustomerUpdate,
        retrieved: RetrievalResults,
        rules: SelectedRules,
        orchestration: Orchestration,
        executed: ToolPhaseResult,
        response: ResponseV1,
        trace: TurnTrace,
    ) -> TurnReply:
        """The stored reply; `store.*` when it cannot be stored."""
        now = timestamp(self._clock.now())
        try:
            async with asyncio.TaskGroup() as group:
                session = group.create_task(
                    self._session(context, customer, rules, orchestration, executed, response, now, trace)
                )
                entries = group.create_task(self._customer_data(context, customer, trace))
                record = group.create_task(
                    self._record(context, customer, retrieved, rules, orchestration, executed, response, now, trace)
                )
        except BaseExceptionGroup as wrapped:
            raise bare(wrapped) from None
        unit = self._storage.begin()
        _store_execution(unit, context, executed)
        unit.save_customer_data(context.tenant, context.session.customer_id, entries.result())
        owner = f"{self._processes.me}/{context.input.turn_id}"
        unit.save_session(session.result(), context.session.turn_count, owner)
        unit.release_session(context.tenant, context.session.session_id, owner)
        *rows, closing = self._audit(context, executed, response, record.result().reply.phases, now)
        for entry in rows:
            unit.append_audit(entry)
        unit.finish_turn(record.result(), closing)
        for topic in FOLLOWING:
            unit.add_outbox(self._follow(context, topic, now))
        try:
            await unit.commit()
        except Unavailable:
            # Done and not acknowledged is done: the reply that is stored is the one that is given.
            if await self._storage.turn_record(context.tenant, context.input.turn_id) is None:
                raise
        self._keep_session_values(context, customer)
        return record.result().reply

    async def _session(
        self,
        context: TurnContext,
        customer: CustomerUpdate,
        rules: SelectedRules,
        orchestration: Orchestration,
        executed: ToolPhaseResult,
        response: ResponseV1,
        now: str,
        trace: TurnTrace,
    ) -> Session:
        with trace.part("session"):
            session = context.session
            number = session.turn_count + 1
            asked = executed.clarification if response.kind is ReplyKind.QUESTION else None
            is_message = context.input.trigger is Trigger.MESSAGE
            named = tuple(entity for entity in customer.entities if entity.match == "exact")
            intent = executed.decision.intent if executed.decision is not None else None
            request = executed.decision.request if executed.decision is not None else context.input.message
            return replace(
                session,
                turn_count=number,
                last_intent=intent.label if intent is not None else session.last_intent,
                last_entities=named or session.last_entities,
                last_request=context.input.message if is_message else session.last_request,
                # An approval answers no question of the conversation, and takes none away.
                pending_question=asked if is_message else session.pending_question,
                pending_request=(request if asked is not None else "") if is_message else session.pending_request,
                clarify_rounds=_rounds(session, asked is not None) if is_message else session.clarify_rounds,
                scenarios=tuple(item for item in orchestration.instances if item.status in ("active", "paused")),
                rule_fires={
                    **session.rule_fires,
                    **{rule.rule_id: (*session.rule_fires.get(rule.rule_id, ())[-9:], number) for rule in rules.rules},
                },
                updated_at=now,
            )

    async def _customer_data(
        self, context: TurnContext, customer: CustomerUpdate, trace: TurnTrace
    ) -> tuple[VariableEntry, ...]:
        """What is kept beyond the session: neither SESSION scope nor fields that say `persist: false`."""
        with trace.part("customer_data"):
            kept = {field.key for field in context.fields if field.persist and field.scope is not Scope.SESSION}
            return tuple(entry for entry in customer.changed if entry.key in kept)

    async def _record(
        self,
        context: TurnContext,
        customer: CustomerUpdate,
        retrieved: RetrievalResults,
        rules: SelectedRules,
        orchestration: Orchestration,
        executed: ToolPhaseResult,
        response: ResponseV1,
        now: str,
        trace: TurnTrace,
    ) -> TurnRecord:
        with trace.part("record"):
            reply = build_reply(context, executed, response, trace.timings())
            return build_record(context, customer, retrieved, rules, orchestration, executed, response, reply, now)

    def _audit(
        self,
        context: TurnContext,
        executed: ToolPhaseResult,
        response: ResponseV1,
        timings: tuple[PhaseTiming, ...],
        now: str,
    ) -> list[AuditEntry]:
        """One row a phase, and at last the turn's end, which seals the record."""
        actor, turn_id = context.input.identity.identity_id, context.input.turn_id

        def row(action: str, subject: str, **detail: str | int) -> AuditEntry:
            return AuditEntry(tenant=context.tenant, at=now, actor=actor, action=action, subject=subject, detail=detail)

        rows = [
            row("phase.completed", turn_id, phase=timing.phase, us=round(timing.ms * 1000))
            for timing in timings
            if timing.phase != "p11_persist"
        ]
        asks = executed.proposed is not None or executed.paused is not None
        if asks and executed.approval is not None:
            rows.append(row("approval.requested", executed.approval.approval_id, plan=executed.approval.plan_hash))
        if executed.verdict is not None and executed.verdict.outcome == "refuse":
            rows.append(row("gate.refused", turn_id, code=executed.verdict.code, rule=executed.verdict.rule_id))
        rows.append(row("turn.finished", turn_id, kind=response.kind.value))
        return rows

    def _follow(self, context: TurnContext, topic: str, now: str) -> OutboxMessage:
        return OutboxMessage(
            message_id=self._ids.new("out"),
            tenant=context.tenant,
            topic=topic,
            turn_id=context.input.turn_id,
            payload={},
            created_at=now,
        )

    def _keep_session_values(self, context: TurnContext, customer: CustomerUpdate) -> None:
        of_session = {field.key for field in context.fields if field.scope is Scope.SESSION or not field.persist}
        values = {key: entry for key, entry in customer.customer_data.items() if key in of_session}
        self._memory.keep(context.session.session_id, values)


def _rounds(session: Session, asked: bool) -> int:
    return session.clarify_rounds + 1 if asked else 0


def _store_execution(unit: UnitOfWork, context: TurnContext, executed: ToolPhaseResult) -> None:
    """What waits from here on, or has ended: under the claim of the run, so that a run taken over closes nothing."""
    if executed.proposed is not None and executed.approval is not None:
        unit.add_execution(executed.proposed)
        unit.add_approval(executed.approval)
    if executed.closing is not None:
        _store_results(unit, context.tenant, executed.closing)
        unit.save_result(executed.closing.execution_id, executed.closing.result)
        unit.move_execution(executed.closing.move, claim=executed.closing.claim or None)
    if executed.paused is not None and executed.approval is not None:
        _store_results(unit, context.tenant, executed.paused)
        if executed.execution is not None:
            unit.save_result(executed.paused.execution_id, executed.execution)
        unit.move_execution(executed.paused.move, claim=executed.paused.claim or None)
        unit.add_approval(executed.approval)


def _store_results(unit: UnitOfWork, tenant: str, ended: Closing | Paused) -> None:
    for result in ended.results:
        unit.record_result(ended.execution_id, result, result.attempts[-1].number, ended.claim or None)
    for reference, whole in ended.outputs.items():
        unit.keep_output(tenant, ended.execution_id, reference, whole)
