"""P8 plan_response: what the reply must be and hold, decided before a word of it is written.

reads: P7's result, rules in force, scenario follow-ups
writes: nothing
"""

import re
from collections.abc import Mapping

from opsconductor.domain.approvals import ApprovalState
from opsconductor.domain.error_codes import CODES
from opsconductor.domain.execution import ExecutionStatus
from opsconductor.domain.json_value import Json
from opsconductor.domain.response import ReplyKind, ResponsePlan, ResponseType
from opsconductor.domain.retrieval import RetrievalResults
from opsconductor.domain.rule_names import plan_names, request_names, target_names
from opsconductor.domain.rules import Rule, RuleEffect, SelectedRules
from opsconductor.domain.scenarios import Orchestration
from opsconductor.domain.turn import CustomerUpdate, ToolPhaseResult, TurnContext
from opsconductor.ports.expressions import Expressions

STATUS_KINDS: Mapping[ExecutionStatus, ReplyKind] = {
    ExecutionStatus.SUCCEEDED: ReplyKind.ANSWER,
    ExecutionStatus.PARTIAL: ReplyKind.PARTIAL,
    ExecutionStatus.FAILED: ReplyKind.FAILED,
    ExecutionStatus.TIMED_OUT: ReplyKind.FAILED,
    ExecutionStatus.UNKNOWN: ReplyKind.UNKNOWN,
    ExecutionStatus.CANCELLED: ReplyKind.CANCELLED,
    ExecutionStatus.AWAITING_APPROVAL: ReplyKind.APPROVAL_REQUIRED,
}
PLACEHOLDER = re.compile(r"\{([\w.]+)\}")
SUCCESS_WORDS = ("successfully", "has been done", "all good")
SPOKEN_KINDS = frozenset({ReplyKind.ANSWER, ReplyKind.APPROVAL_REQUIRED})


class PlanResponse:
    """Chooses ask, answer, mixed, confirm, refuse or escalate."""

    def __init__(self, expressions: Expressions) -> None:
        self._expressions = expressions

    async def run(
        self,
        context: TurnContext,
        customer: CustomerUpdate,
        retrieved: RetrievalResults,
        rules: SelectedRules,
        orchestration: Orchestration,
        executed: ToolPhaseResult,
    ) -> ResponsePlan:
        """The plan of the reply: kind, must-say, must-not-say, and what to suggest."""
        kind = kind_of(executed)
        said = await self._must_say(context, customer, rules, executed, kind)
        told, suggestions = await self._follow_up(orchestration, executed)
        question = executed.clarification
        return ResponsePlan(
            type=_type(kind, executed, question is not None),
            kind=kind,
            must_include=(*said, *told),
            must_avoid=() if kind is ReplyKind.ANSWER else SUCCESS_WORDS,
            contributions=_contributions(kind),
            question=question.question if question is not None else "",
            options=question.options if question is not None else (),
            limitations=executed.selection.limitations if executed.selection is not None else (),
            suggested_next=(*suggestions, *_next(executed, kind)),
            warnings=(*_lane_warnings(retrieved), *(_rejected(customer))),
        )

    async def _must_say(
        self,
        context: TurnContext,
        customer: CustomerUpdate,
        rules: SelectedRules,
        executed: ToolPhaseResult,
        kind: ReplyKind,
    ) -> tuple[str, ...]:
        spoken = [rule for rule in rules.rules if rule.effect is RuleEffect.MUST_SAY]
        if kind not in SPOKEN_KINDS or not spoken:
            return ()
        values = {key: entry.value for key, entry in customer.customer_data.items()}
        decision = executed.decision
        intent = decision.intent.label if decision is not None and decision.intent is not None else ""
        targets = target_names(executed.plan)
        names: dict[str, Json] = {
            **request_names(context.input.message, context.input.channel, context.input.identity, values),
            **plan_names(intent, decision.mode.value if decision else "", executed.plan, targets),
        }
        said = []
        for rule in spoken:
            if not rule.condition or (await self._expressions.evaluate(rule.condition, names)).holds:
                said.append(_filled(rule, executed))
        return tuple(text for text in said if text)

    async def _follow_up(
        self, orchestration: Orchestration, executed: ToolPhaseResult
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """LOGIC steps judged by this turn's results: what is told, and what is suggested."""
        result = executed.execution
        if result is None or result.status is not ExecutionStatus.SUCCEEDED:
            return (), ()
        names: dict[str, Json] = {**orchestration.inputs, "output": result.output}
        told: list[str] = []
        suggested: list[str] = []
        for step in orchestration.follow_ups:
            for transition in sorted(step.transitions, key=lambda item: -item.priority):
                if transition.condition and not (await self._expressions.evaluate(transition.condition, names)).holds:
                    continue
                text = _substituted(transition.text, names)
                command = text.removeprefix("suggest:").strip()
                (suggested if text.startswith("suggest:") else told).append(command)
                break
        return tuple(item for item in told if item), tuple(item for item in suggested if item)


def kind_of(executed: ToolPhaseResult) -> ReplyKind:
    """What the reply is, by what was executed, refused, asked or decided."""
    if executed.execution is not None:
        return STATUS_KINDS[executed.execution.status]
    if executed.decision is not None and executed.decision.ends_as == "withdrawn":
        return ReplyKind.CANCELLED
    if executed.refusal_code in ("execution.unknown_outcome", "execution.fenced"):
        return ReplyKind.UNKNOWN  # another process tells how it ended
    if executed.refusal_code:
        return ReplyKind.REFUSED if CODES[executed.refusal_code].exit == 6 else ReplyKind.FAILED
    if executed.approval is not None:
        waits = executed.approval.state in (ApprovalState.PENDING, ApprovalState.CHANGES_REQUESTED)
        return ReplyKind.APPROVAL_REQUIRED if waits else ReplyKind.CANCELLED
    if executed.clarification is not None:
        return ReplyKind.QUESTION
    return ReplyKind.ANSWER if executed.info else ReplyKind.REFUSED


def _type(kind: ReplyKind, executed: ToolPhaseResult, asks: bool) -> ResponseType:
    if kind is ReplyKind.QUESTION:
        return ResponseType.ASK
    if kind is ReplyKind.APPROVAL_REQUIRED:
        return ResponseType.CONFIRM
    if kind is ReplyKind.REFUSED:
        return ResponseType.ESCALATE if executed.refusal_code == "gate.second_person" else ResponseType.REFUSE
    return ResponseType.MIXED if asks else ResponseType.ANSWER


def _contributions(kind: ReplyKind) -> tuple[str, ...]:
    if kind is ReplyKind.QUESTION:
        return ("ASK",)
    return ("CONFIRM", "ACTION_HINT") if kind is ReplyKind.APPROVAL_REQUIRED else ("INFORM",)


def _next(executed: ToolPhaseResult, kind: ReplyKind) -> tuple[str, ...]:
    """What a person can do next, as commands."""
    if kind is ReplyKind.APPROVAL_REQUIRED and executed.approval is not None:
        identifier = executed.approval.approval_id
        word = "edit" if executed.approval.state is ApprovalState.CHANGES_REQUESTED else "approve"
        return (f"opsconductor approvals {word} {identifier}", f"opsconductor approvals reject {identifier}")
    if executed.execution is not None and kind is not ReplyKind.ANSWER:
        return (f"opsconductor executions show {executed.execution.execution_id}",)
    if executed.refusal_code:
        return (CODES[executed.refusal_code].next_step,)
    return ()


def _lane_warnings(retrieved: RetrievalResults) -> tuple[str, ...]:
    lanes = (retrieved.rules, retrieved.scenarios, retrieved.memories, retrieved.intents)
    return tuple(lane.warning for lane in lanes if lane.warning)


def _rejected(customer: CustomerUpdate) -> tuple[str, ...]:
    return tuple(f"I did not take {item.key}: {item.reason}" for item in customer.rejected)


def _filled(rule: Rule, executed: ToolPhaseResult) -> str:
    """A rule's words with inputs and target of the plan; "" when one of them is not there."""
    values: dict[str, Json] = {}
    for step in executed.plan.steps if executed.plan is not None else ():
        values.update(step.inputs)
        if step.targets:
            values["host"] = ", ".join(target.name for target in step.targets)
    return _substituted(rule.text, values)


def _substituted(text: str, values: Mapping[str, Json]) -> str:
    """`text` with `{name}` and `{output.field}` filled in; "" when one of them has no value."""
    found = {path: _at(values, path) for path in PLACEHOLDER.findall(text)}
    if any(value is None or isinstance(value, (Mapping, list, tuple)) for value in found.values()):
        return ""
    return PLACEHOLDER.sub(lambda match: str(found[match.group(1)]), text)


def _at(values: Mapping[str, Json], path: str) -> Json:
    value: Json = values
    for part in path.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value
