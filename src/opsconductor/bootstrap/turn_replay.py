"""Derives a past turn again from its record: P8 to P10 on the stored results, held against what was told.

No tool, connector, model or network is called, nothing is written. What the turn did is not done again; what it said
of it is worked out once more.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from opsconductor.adapters.json_codec import dump
from opsconductor.adapters.telemetry.turn_trace import ClockTurnTrace
from opsconductor.bootstrap.replay_checks import tool_differences
from opsconductor.domain.approvals import Approval
from opsconductor.domain.catalogue import Catalogue
from opsconductor.domain.customer import VariableEntry
from opsconductor.domain.decision import Clarification
from opsconductor.domain.errors import NotFound
from opsconductor.domain.execution import ExecutionMove, ExecutionResultV1, ExecutionStatus, Paused
from opsconductor.domain.identity import Identity
from opsconductor.domain.json_value import Json
from opsconductor.domain.replay import DigestChange, ReplayDifference, TurnReplay
from opsconductor.domain.response import Draft, EnforcementResult, FactsBlock, ResponseV1
from opsconductor.domain.retrieval import LaneResult, RetrievalResults
from opsconductor.domain.rules import SelectedRules
from opsconductor.domain.scenarios import Orchestration
from opsconductor.domain.turn import (
    CustomerUpdate,
    ReplyBasis,
    Session,
    ToolPhaseResult,
    Trigger,
    TurnContext,
    TurnInput,
    TurnRecord,
)
from opsconductor.phases.p01_identify.prepared import Configuration, Prepared
from opsconductor.phases.p09_generate import Generate
from opsconductor.phases.p10_enforce.enforce import plain_response, withheld
from opsconductor.phases.p11_persist.record import build_reply
from opsconductor.pipeline import Acted, Phases, respond
from opsconductor.ports.catalogue import Catalogues
from opsconductor.ports.clock import Clock
from opsconductor.ports.storage import Storage
from opsconductor.stages.d_answer.answer import Answer

PHASE_OF: Mapping[str, str] = {
    "kind": "p08_plan_response",
    "clarification": "p08_plan_response",
    "warnings": "p08_plan_response",
    "limitations": "p08_plan_response",
    "suggested_next": "p08_plan_response",
    "message": "p09_generate",
    "evidence": "p10_enforce",
    "outcome": "p11_persist",
    "error": "p11_persist",
}
"""Whose result each part of a reply is; its other parts are stored results, which nothing derives."""

BY_MODEL = "A model worded this reply: its words were not made again, but checked again against the stored results."
BY_KIND = "Wording this reply broke when it was made: only what its kind says was told, and is told again."


@dataclass(frozen=True, kw_only=True)
class _Past:
    """A turn as it stood before P8."""

    record: TurnRecord
    context: TurnContext
    acted: Acted


class TurnReplays:
    """Replays turns of one engine's store."""

    def __init__(self, phases: Phases, storage: Storage, catalogues: Catalogues, clock: Clock) -> None:
        self._phases = replace(phases, generate=Generate(Answer(), None))
        self._storage = storage
        self._catalogues = catalogues
        self._clock = clock

    async def run(self, tenant: str, turn_id: str) -> TurnReplay:
        """What the replay found. Raises `turn.not_found`, `store.*`."""
        record = await self._storage.turn_record(tenant, turn_id)
        if record is None:
            raise NotFound("turn.not_found", "There is no such finished turn.")
        catalogue = self._catalogues.current()
        settings = Prepared(catalogue).configuration(tenant, await self._storage.tenant_settings(tenant))
        differences = [*tool_differences(record)]
        notes: tuple[str, ...] = ()
        if record.basis is None:
            differences.append(ReplayDifference(phase="p11_persist", what="basis", told=None, derived="needed"))
        else:
            past = await self._past(record, record.basis, catalogue, settings)
            response, notes = await self._respond(past)
            differences.extend(_differences(past, response))
        digests = (
            DigestChange(name="catalogue", then=record.catalogue_digest, now=catalogue.digest),
            DigestChange(name="configuration", then=record.configuration_digest, now=settings.digest),
        )
        return TurnReplay(
            turn_id=turn_id,
            outcome="different" if differences else "same",
            differences=tuple(differences),
            changed_since=tuple(one for one in digests if one.then != one.now),
            notes=notes,
        )

    async def _respond(self, past: _Past) -> tuple[ResponseV1, tuple[str, ...]]:
        """P8 to P10 once more, and what was done in place of what cannot be done again."""
        worded_by = past.record.enforcement.get("worded_by")
        trace = ClockTurnTrace(self._clock)
        if worded_by not in ("model", "kind"):
            return await respond(past.context, past.acted, self._phases, trace), ()
        context, acted = past.context, past.acted
        plan = await self._phases.plan_response.run(
            context, acted.customer, acted.retrieved, acted.rules, acted.orchestration, acted.executed
        )
        if worded_by == "kind":
            message = acted.executed.refusal or withheld(plan)
            said = Draft(message=message, block=FactsBlock(facts=(message,)), attempt=1, worded_by="kind")
            return plain_response(plan, said, EnforcementResult(passed=True), 0, message=message), (BY_KIND,)
        draft = await self._phases.generate.run(context, plan, acted.executed)
        told = replace(draft, message=past.record.reply.message, worded_by="model")
        verdict = await self._phases.enforce.run(context, plan, told, acted.executed, acted.rules)
        message = told.message if verdict.passed else draft.message
        return plain_response(plan, told, verdict, 0, message=message), (BY_MODEL,)

    async def _past(
        self, record: TurnRecord, basis: ReplyBasis, catalogue: Catalogue, settings: Configuration
    ) -> _Past:
        requester = await self._storage.identity_by_id(record.tenant, record.requester)
        identity = requester or Identity(identity_id=record.requester, tenant=record.tenant, name=record.requester)
        context = TurnContext(
            input=TurnInput(
                turn_id=record.turn_id,
                identity=identity,
                channel=record.channel,
                trigger=record.trigger,
                message="" if record.trigger is Trigger.APPROVAL else record.message,
                session_id=record.session_id,
                turn_group=record.turn_group,
            ),
            tenant=record.tenant,
            session=Session(
                session_id=record.session_id,
                tenant=record.tenant,
                agent=catalogue.agent.agent_id,
                customer_id=identity.identity_id,
                identity_id=identity.identity_id,
                turn_count=record.number - 1,
            ),
            customer_data={},
            fields=catalogue.customer_fields,
            mask={},
            glossary=(),
            configuration=settings.values,
            configuration_digest=settings.digest,
            catalogue=catalogue,
            started_at=record.started_at,
        )
        return _Past(record=record, context=context, acted=_acted(record, basis, catalogue))


def _acted(record: TurnRecord, basis: ReplyBasis, catalogue: Catalogue) -> Acted:
    """What P2 to P7 made of the turn, as far as the reply was made from it."""
    kept = [
        catalogue.rules_by_id[verdict.rule_id]
        for verdict in record.rules
        if verdict.kept and verdict.rule_id in catalogue.rules_by_id
    ]
    entries = {
        key: VariableEntry(key=key, value=value, source="system", confidence=1.0, updated_at=record.started_at)
        for key, value in basis.customer.items()
    }
    return Acted(
        customer=CustomerUpdate(customer_data=entries, rejected=record.rejected_values),
        retrieved=RetrievalResults(
            rules=LaneResult(warning=_warning(record, "rules")),
            scenarios=LaneResult(warning=_warning(record, "scenarios")),
            memories=LaneResult(warning=_warning(record, "memories")),
            intents=LaneResult(warning=_warning(record, "intents")),
        ),
        rules=SelectedRules(
            rules=tuple(sorted(kept, key=lambda rule: (-rule.priority, rule.rule_id))), verdicts=record.rules
        ),
        orchestration=Orchestration(moves=record.scenario_moves, inputs=basis.inputs, follow_ups=basis.follow_ups),
        executed=_executed(record, basis),
    )


def _executed(record: TurnRecord, basis: ReplyBasis) -> ToolPhaseResult:
    reply = record.reply
    return ToolPhaseResult(
        decision=reply.decision,
        selection=reply.selection,
        plan=reply.plan,
        verdict=record.verdict,
        approval=reply.approval,
        execution=reply.execution,
        paused=_paused(record, reply.execution, reply.approval),
        told=basis.told,
        refusal_code=str(reply.error["code"]) if reply.error is not None else "",
        refusal=basis.refusal,
        clarification=_clarification(reply.clarification),
        info=basis.info,
        commands=reply.commands,
    )


def _paused(record: TurnRecord, execution: ExecutionResultV1 | None, approval: Approval | None) -> Paused | None:
    if execution is None or approval is None or execution.status is not ExecutionStatus.AWAITING_APPROVAL:
        return None
    move = ExecutionMove(
        execution_id=execution.execution_id,
        source=ExecutionStatus.RUNNING,
        target=ExecutionStatus.AWAITING_APPROVAL,
        actor=record.requester,
        at=record.completed_at,
        reason="",
    )
    return Paused(execution_id=execution.execution_id, step_id=approval.step_id, results=(), done=(), move=move)


def _clarification(told: Mapping[str, Json] | None) -> Clarification | None:
    if told is None:
        return None
    options = told.get("options")
    return Clarification(
        question=str(told.get("question", "")),
        options=tuple(map(str, options)) if isinstance(options, list | tuple) else (),
    )


def _warning(record: TurnRecord, lane: str) -> str:
    return str(record.lanes.get(lane, {}).get("warning", ""))


def _differences(past: _Past, response: ResponseV1) -> Iterator[ReplayDifference]:
    """Every part of the reply that does not come out as it was told."""
    told = past.record.reply
    derived = build_reply(past.context, past.acted.executed, response, told.phases)
    for name, phase in PHASE_OF.items():
        as_told, as_derived = dump(getattr(told, name)), dump(getattr(derived, name))
        if as_told != as_derived:
            yield ReplayDifference(phase=phase, what=name, told=as_told, derived=as_derived)
    passed = past.record.enforcement.get("passed")
    if not past.record.enforcement.get("rewrites") and passed != response.enforcement.passed:
        yield ReplayDifference(
            phase="p10_enforce", what="enforcement.passed", told=passed, derived=response.enforcement.passed
        )
