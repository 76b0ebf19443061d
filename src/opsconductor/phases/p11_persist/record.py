"""Builds the TurnRecord: everything above by reference, enough to explain the turn."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar

from opsconductor.domain.customer import RejectedValue, Scope
from opsconductor.domain.json_value import Json, JsonObject
from opsconductor.domain.response import ResponseV1
from opsconductor.domain.retrieval import LaneResult, RetrievalResults
from opsconductor.domain.rules import RuleEffect, SelectedRules
from opsconductor.domain.scenarios import Orchestration
from opsconductor.domain.turn import (
    CustomerUpdate,
    PhaseTiming,
    ReplyBasis,
    ToolPhaseResult,
    TurnContext,
    TurnInput,
    TurnRecord,
    TurnReply,
)
from opsconductor.phases.p11_persist.outcome import outcome_of

T = TypeVar("T")
NOT_STORED = "[not stored]"
LISTS = ("tools", "memories")


def build_reply(
    context: TurnContext, executed: ToolPhaseResult, response: ResponseV1, timings: tuple[PhaseTiming, ...]
) -> TurnReply:
    """The object every door returns."""
    return TurnReply(
        turn_id=context.input.turn_id,
        session_id=context.session.session_id,
        kind=response.kind,
        message=response.message,
        decision=executed.decision,
        selection=executed.selection,
        plan=executed.plan,
        approval=executed.approval,
        execution=executed.execution,
        commands=executed.commands,
        outcome=outcome_of(response.kind, executed),
        evidence=response.evidence,
        clarification=response.clarification,
        warnings=response.warnings,
        limitations=response.limitations,
        suggested_next=response.suggested_next,
        phases=timings,
        error={"code": executed.refusal_code, "message": executed.refusal or response.message}
        if executed.refusal_code
        else None,
    )


def build_record(
    context: TurnContext,
    customer: CustomerUpdate,
    retrieved: RetrievalResults,
    rules: SelectedRules,
    orchestration: Orchestration,
    executed: ToolPhaseResult,
    response: ResponseV1,
    reply: TurnReply,
    completed_at: str,
) -> TurnRecord:
    """The append-only record."""
    return TurnRecord(
        turn_id=context.input.turn_id,
        tenant=context.tenant,
        session_id=context.session.session_id,
        number=context.session.turn_count + 1,
        turn_group=context.input.turn_group or context.input.turn_id,
        trigger=context.input.trigger,
        channel=context.input.channel,
        requester=context.input.identity.identity_id,
        message=context.input.message or _decided(context.input),
        started_at=context.started_at,
        completed_at=completed_at,
        reply=reply,
        rules=rules.verdicts,
        rejected_values=tuple(_kept(item, context) for item in customer.rejected),
        scenario_moves=orchestration.moves,
        lanes=_lanes(retrieved),
        verdict=executed.verdict,
        enforcement={
            "passed": response.enforcement.passed,
            "rewrites": response.rewrites,
            "worded_by": response.worded_by,
            "violations": [
                {"rule": item.rule, "lane": item.lane, "detail": item.detail}
                for item in response.enforcement.violations
            ],
        },
        pack=f"{context.catalogue.pack} {context.catalogue.version}",
        catalogue_digest=context.catalogue.digest,
        configuration_digest=context.configuration_digest,
        basis=_basis(context, customer, rules, orchestration, executed),
    )


def _basis(
    context: TurnContext,
    customer: CustomerUpdate,
    rules: SelectedRules,
    orchestration: Orchestration,
    executed: ToolPhaseResult,
) -> ReplyBasis:
    words_hang_on_it = any(rule.effect is RuleEffect.MUST_SAY and rule.condition for rule in rules.rules)
    kept = _stored_keys(context) if words_hang_on_it and customer.customer_data else ()
    follows = bool(orchestration.follow_ups)
    return ReplyBasis(
        told=executed.told,
        info=_shown_info(executed.info) if executed.info else executed.info,
        refusal=executed.refusal,
        customer={key: customer.customer_data[key].value for key in kept if key in customer.customer_data},
        inputs=orchestration.inputs if follows else {},
        follow_ups=orchestration.follow_ups,
    )


def _shown_info(info: JsonObject) -> JsonObject:
    """Without the lists that the answer has no place for."""
    answer = str(info.get("answer") or "{tools}")
    return {key: value for key, value in info.items() if key not in LISTS or f"{{{key}}}" in answer}


def _kept(rejected: RejectedValue, context: TurnContext) -> RejectedValue:
    """Without the words for a field whose values are never stored."""
    return rejected if rejected.key in _stored_keys(context) else replace(rejected, value_text=NOT_STORED)


def _stored_keys(context: TurnContext) -> list[str]:
    """The fields whose values may be stored."""
    return [field.key for field in context.fields if field.persist and field.scope is not Scope.SESSION]


def _decided(turn: TurnInput) -> str:
    """What an approval's turn was opened with, in words; its message is empty."""
    if turn.approval is None:
        return ""
    because = f": {turn.approval.reason}" if turn.approval.reason else ""
    return f"{turn.approval.decision} {turn.approval.approval_id}{because}"


def _lanes(retrieved: RetrievalResults) -> Mapping[str, JsonObject]:
    return {
        "rules": _lane(retrieved.rules, [scored.item.rule_id for scored in retrieved.rules.items]),
        "scenarios": _lane(retrieved.scenarios, [scored.item.scenario_id for scored in retrieved.scenarios.items]),
        "memories": _lane(retrieved.memories, [scored.item.memory_id for scored in retrieved.memories.items]),
        "intents": _lane(retrieved.intents, [scored.item.label for scored in retrieved.intents.items]),
    }


def _lane(lane: LaneResult[T], ids: list[str]) -> JsonObject:
    scores: list[Json] = [round(scored.score, 4) for scored in lane.items]
    return {
        "ids": ids,
        "scores": scores,
        "pool": lane.pool,
        "strategy": lane.strategy,
        "warning": lane.warning,
    }
