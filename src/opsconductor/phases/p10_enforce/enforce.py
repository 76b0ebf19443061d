"""P10 enforce: expressions, then evidence; a draft that fails is rewritten, and at last replaced by the plain truth.

reads: the draft, rules in force and GLOBAL rules, stored results
writes: nothing
"""

from collections.abc import Mapping

from opsconductor.domain.catalogue import Catalogue
from opsconductor.domain.claims import promises, without
from opsconductor.domain.execution import StepResult
from opsconductor.domain.json_value import Json, JsonObject
from opsconductor.domain.plan import PlanStep
from opsconductor.domain.response import (
    Draft,
    EnforcementResult,
    ReplyKind,
    ResponsePlan,
    ResponseV1,
    Violation,
)
from opsconductor.domain.rules import Rule, SelectedRules
from opsconductor.domain.turn import ToolPhaseResult, TurnContext
from opsconductor.phases.p10_enforce.evidence import check_evidence
from opsconductor.ports.expressions import Expressions
from opsconductor.stages.d_answer.told_steps import told_step

MAX_REWRITES = 2
WITHHELD: Mapping[ReplyKind, str] = {
    ReplyKind.ANSWER: "What you asked for was executed and succeeded; a rule withholds the details here.",
    ReplyKind.PARTIAL: "What you asked for was executed in part; a rule withholds the details here.",
    ReplyKind.FAILED: "What you asked for failed; a rule withholds the details here.",
    ReplyKind.UNKNOWN: "The outcome of what you asked for is unknown; a rule withholds the details here.",
    ReplyKind.CANCELLED: "What you asked for is not run any further; a rule withholds the details here.",
    ReplyKind.APPROVAL_REQUIRED: "A plan waits for approval; a rule withholds the details here.",
}
NOTHING_RUN = "Nothing was run; a rule withholds the details here."


class Enforce:
    """Checks drafts. What fails never leaves."""

    def __init__(self, expressions: Expressions) -> None:
        self._expressions = expressions

    async def run(
        self,
        context: TurnContext,
        plan: ResponsePlan,
        draft: Draft,
        executed: ToolPhaseResult,
        rules: SelectedRules,
    ) -> EnforcementResult:
        """The verdict on one draft; `can_retry` while a model may still rewrite it."""
        violations = (
            *await self._expression_lane(context, plan, draft, rules),
            *_plan_lane(plan, draft),
            *check_evidence(draft, plan, evidence_sources(executed, context.catalogue)),
        )
        return EnforcementResult(
            passed=not violations,
            violations=violations,
            can_retry=bool(violations) and draft.worded_by == "model" and draft.attempt <= MAX_REWRITES,
            hints=tuple(violation.detail for violation in violations),
        )

    async def _expression_lane(
        self, context: TurnContext, plan: ResponsePlan, draft: Draft, rules: SelectedRules
    ) -> list[Violation]:
        """Enforcement expressions of the rules in force and of every GLOBAL rule, whatever was retrieved."""
        names: dict[str, Json] = {
            "reply": {"text": draft.message, "kind": plan.kind.value},
            "channel": context.input.channel,
        }
        found = []
        for rule in _enforced(context, rules):
            evaluation = await self._expressions.evaluate(rule.enforcement, names)
            undefined_passes = bool(evaluation.missing) and rule.on_missing == "pass"
            if not evaluation.holds and not undefined_passes:
                detail = rule.title if not evaluation.missing else f"{rule.title} ({evaluation.missing} is undefined)"
                found.append(Violation(rule=rule.rule_id, lane="deterministic", detail=detail))
        return found


def plain_response(
    plan: ResponsePlan, draft: Draft, verdict: EnforcementResult, rewrites: int, *, message: str
) -> ResponseV1:
    """The reply made of `message`, with the evidence of the facts that stand in it."""
    clarification: dict[str, Json] | None = None
    if plan.question:
        clarification = {"question": plan.question, "options": list(plan.options)}
    return ResponseV1(
        kind=plan.kind,
        message=message,
        evidence=tuple(item for item in draft.block.evidence if item.claim in message),
        clarification=clarification,
        warnings=plan.warnings,
        limitations=plan.limitations,
        suggested_next=plan.suggested_next,
        enforcement=verdict,
        rewrites=rewrites,
        worded_by=draft.worded_by,
    )


def withheld(plan: ResponsePlan) -> str:
    """The last resort: true by the kind alone, and says nothing else."""
    return WITHHELD.get(plan.kind, NOTHING_RUN)


def evidence_sources(executed: ToolPhaseResult, catalogue: Catalogue) -> Mapping[str, Json]:
    """The stored objects that evidence points into, by step name."""
    if executed.execution is None or executed.plan is None:
        return {}
    plan, told = executed.plan, executed.execution.step_results
    asked: JsonObject = {
        "told": executed.told,
        "step_id": executed.approval.step_id if executed.approval is not None else "",
    }
    results = {
        f"{result.step_id}@{result.target}" if result.target else result.step_id: _source(
            result, told_step(plan, result, told, catalogue), catalogue
        )
        for result in told
    }
    whole: JsonObject = {"plan_against_actual": executed.execution.plan_against_actual}
    return {**results, "approval": asked, "execution": whole}


def _source(result: StepResult, step: PlanStep | None, catalogue: Catalogue) -> JsonObject:
    """One stored result as evidence may point into it."""
    inputs = dict(step.inputs) if step is not None else {}
    tool = catalogue.tools.get(result.tool)
    if tool is not None and tool.targets_input and result.target:
        inputs[tool.targets_input] = result.target
    attempt = result.attempts[-1] if result.attempts else None
    return {
        "tool": result.tool,
        "target": {"name": result.target},
        "input": inputs,
        "before": attempt.before if attempt is not None else None,
        "after": attempt.after if attempt is not None else None,
        "output": result.output,
        "status": result.status.value,
        "error": {"message": result.error.message} if result.error is not None else None,
        "note": result.note,
    }


def _enforced(context: TurnContext, rules: SelectedRules) -> list[Rule]:
    always = context.catalogue.always_enforced
    return [*always.values(), *(rule for rule in rules.rules if rule.judges_replies and rule.rule_id not in always)]


def _plan_lane(plan: ResponsePlan, draft: Draft) -> list[Violation]:
    text = " ".join(draft.message.split())
    missing = [piece for piece in plan.must_include if " ".join(piece.split()) not in text]
    found = [Violation(rule="must_include", lane="deterministic", detail=f"say: {piece}") for piece in missing]
    claims = [item.claim for item in draft.block.evidence]  # what is quoted word for word is not said by us
    own = without(text, claims)
    lowered = own.lower()
    banned = [piece for piece in plan.must_avoid if piece.lower() in lowered]
    found.extend(Violation(rule="must_avoid", lane="deterministic", detail=f"do not say: {piece}") for piece in banned)
    if plan.kind is not ReplyKind.APPROVAL_REQUIRED:
        found.extend(
            Violation(rule="promise", lane="deterministic", detail=f"a promise: {word}") for word in promises(own)
        )
    return found
