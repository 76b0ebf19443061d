"""The gate: rights → hard rules → risk → approval level → mode. Everything that is not clearly allowed is refused."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from opsconductor.domain.assets import Asset
from opsconductor.domain.catalogue import Effect
from opsconductor.domain.decision import DecisionV1
from opsconductor.domain.identity import Identity
from opsconductor.domain.json_value import Json
from opsconductor.domain.plan import PlanV1
from opsconductor.domain.risk import policy_level
from opsconductor.domain.rule_names import LATER_NAMES, plan_names, request_names, target_names
from opsconductor.domain.rules import Rule, RuleEffect, SelectedRules
from opsconductor.domain.turn import CustomerUpdate, GateVerdict, TurnContext
from opsconductor.phases.p07_execute_tools.standing_rules import standing_rules
from opsconductor.ports.authorizer import Authorizer, Permission
from opsconductor.ports.expressions import Expressions
from opsconductor.stages.e_execute.approvals.frozen_plan import FrozenPlan

IMMEDIATE_BELOW_S = 30.0
DEFAULT_MAX_TARGETS = 200
HIGHEST_LEVEL = 3


class Gate:
    """Judges one plan, or the bare request before there is one. Pure but for rights and rule conditions."""

    def __init__(self, authorizer: Authorizer, expressions: Expressions) -> None:
        self._authorizer = authorizer
        self._expressions = expressions

    async def judge_request(
        self, context: TurnContext, customer: CustomerUpdate, rules: SelectedRules
    ) -> GateVerdict | None:
        """A hard rule that already forbids the words themselves, or None."""
        denials = _denials(rules)
        names = _request_names(context, customer) if denials else {}
        for rule in denials:
            evaluation = await self._expressions.evaluate(rule.condition or "true", names)
            waits = evaluation.missing.split(".")[0] in LATER_NAMES
            if evaluation.holds or (evaluation.value is None and not waits):
                return _refused("gate.denied_by_rule", rule.text or rule.title, level=0, risk="low", rule=rule)
        return None

    async def judge_plan(
        self,
        context: TurnContext,
        decision: DecisionV1,
        customer: CustomerUpdate,
        rules: SelectedRules,
        plan: PlanV1,
    ) -> GateVerdict:
        """The recorded verdict: run, approve or refuse."""
        intent = decision.intent.label if decision.intent else ""
        names = {
            **_request_names(context, customer),
            **plan_names(intent, decision.mode.value, plan, target_names(plan)),
        }
        refused = await self._refusal(context.input.identity, context, rules, plan, names)
        if refused is not None:
            return refused
        level, reasons = await self._level(context, plan, rules, names)
        return _by_level(plan, level, reasons)

    async def judge_again(self, context: TurnContext, frozen: FrozenPlan) -> GateVerdict:
        """The verdict on a plan that somebody approves: by its requester's rights, data and rules as they are now."""
        plan, requester = frozen.execution.plan, frozen.requester
        if requester is None:
            return _refused("rights.denied", "The requester of this plan is gone.", frozen.level, plan.risk)
        rules, names = _standing(context, frozen)
        refused = await self._refusal(requester, context, rules, plan, names)
        if refused is not None:
            return refused
        level, reasons = await self._level(context, plan, rules, names)
        if level > frozen.level:
            words = f"Since this plan was shown, it has come to need level {level} ({'; '.join(reasons)})."
            return _refused("approval.drift", f"{words} Nothing was run.", level, plan.risk, reasons=reasons)
        return GateVerdict(outcome="run", level=frozen.level, risk=plan.risk, reasons=reasons)

    async def explain(self, context: TurnContext, plan: PlanV1, assets: Sequence[Asset]) -> GateVerdict:
        """The verdict on a plan that nobody asks to run, by the hard rules and what is known of the requester."""
        values = {key: entry.value for key, entry in context.customer_data.items()}
        names = {
            **request_names("", context.input.channel, context.input.identity, values),
            **plan_names("", "", plan, target_names(plan)),
        }
        rules = standing_rules(context.catalogue, (), assets)
        refused = await self._refusal(context.input.identity, context, rules, plan, names)
        if refused is not None:
            return refused
        level, reasons = await self._level(context, plan, rules, names)
        return _by_level(plan, level, reasons)

    async def judge_edited(self, context: TurnContext, frozen: FrozenPlan) -> GateVerdict:
        """The verdict on a waiting plan that its requester has edited; its level is that of the plan as it is now."""
        plan = frozen.execution.plan
        same_level = await self.judge_again(context, replace(frozen, level=HIGHEST_LEVEL))
        if same_level.outcome == "refuse":
            return same_level
        rules, names = _standing(context, frozen)
        level, reasons = await self._level(context, plan, rules, names)
        return _by_level(plan, level, reasons)

    async def _refusal(
        self,
        requester: Identity,
        context: TurnContext,
        rules: SelectedRules,
        plan: PlanV1,
        names: Mapping[str, Json],
    ) -> GateVerdict | None:
        """What forbids the plan whatever its level: rights, width, hard rules."""
        changes = any(step.effect != Effect.READ for step in plan.steps)
        rights = self._authorizer.decide(
            requester,
            Permission(
                action="change" if changes else "read",
                tenant=context.tenant,
                facts={"tools": [step.tool for step in plan.steps], "level": plan.approval_level},
            ),
        )
        if not rights.allowed:
            return _refused("rights.denied", rights.reason, level=plan.approval_level, risk=plan.risk)
        most, width = _max_targets(context), plan.blast_radius.targets
        if width > most:
            words = f"This would reach {width} targets; at most {most} at once are allowed here."
            return _refused("gate.too_many_targets", words, level=plan.approval_level, risk=plan.risk)
        for rule in _denials(rules):
            evaluation = await self._expressions.evaluate(rule.condition or "true", names)
            if evaluation.holds or evaluation.value is None:
                return _refused(
                    "gate.denied_by_rule", rule.text or rule.title, plan.approval_level, plan.risk, rule=rule
                )
        return None

    async def _level(
        self, context: TurnContext, plan: PlanV1, rules: SelectedRules, names: Mapping[str, Json]
    ) -> tuple[int, tuple[str, ...]]:
        """Policy and rules only ever raise; a raising rule that cannot be judged raises too."""
        level, reasons = plan.approval_level, plan.risk_reasons
        settings = {key: setting.value for key, setting in context.configuration.items()}
        asked, because = policy_level(plan.steps, context.catalogue.agent.settings, settings)
        if asked > level:
            level, reasons = asked, (*reasons, *because)
        for rule in rules.rules:
            if rule.effect is not RuleEffect.RAISE_LEVEL or rule.level <= level:
                continue
            evaluation = await self._expressions.evaluate(rule.condition or "true", names)
            if evaluation.holds or evaluation.value is None:
                level, reasons = rule.level, (*reasons, f"rule {rule.rule_id}: {rule.title}")
        return level, reasons


def _standing(context: TurnContext, frozen: FrozenPlan) -> tuple[SelectedRules, dict[str, Json]]:
    """The rules that bear on a frozen plan, and what their conditions may name, by data as it is now."""
    execution, requester = frozen.execution, frozen.requester
    names = plan_names(frozen.intent or "", "", execution.plan, target_names(execution.plan))
    if requester is not None:
        names = {**request_names(execution.request, frozen.channel, requester, frozen.customer), **names}
    if frozen.intent is None:
        del names["intent"]  # a condition that needs it cannot be judged, so it denies
    return standing_rules(context.catalogue, frozen.verdicts, frozen.assets), names


def _by_level(plan: PlanV1, level: int, reasons: tuple[str, ...]) -> GateVerdict:
    if plan.estimate_s >= IMMEDIATE_BELOW_S:
        words = f"This would take about {plan.estimate_s:.0f} seconds; runs of 30 seconds or more are not offered yet."
        return _refused("gate.background_unavailable", words, level, plan.risk, reasons=reasons)
    outcome = "run" if level == 0 else "approve"
    return GateVerdict(outcome=outcome, level=level, risk=plan.risk, reasons=reasons)


def _max_targets(context: TurnContext) -> int:
    """The agent's limit for one plan; a setting that is no number lets one target through."""
    setting = context.configuration.get("max_targets")
    value = setting.value if setting is not None else DEFAULT_MAX_TARGETS
    return value if isinstance(value, int) and not isinstance(value, bool) else 1


def _denials(rules: SelectedRules) -> Sequence[Rule]:
    return [rule for rule in rules.rules if rule.effect is RuleEffect.DENY]


def _refused(
    code: str,
    words: str,
    level: int,
    risk: str,
    *,
    rule: Rule | None = None,
    reasons: tuple[str, ...] = (),
) -> GateVerdict:
    return GateVerdict(
        outcome="refuse",
        level=level,
        risk=risk,
        reasons=(words, *reasons),
        code=code,
        rule_id=rule.rule_id if rule is not None else "",
    )


def _request_names(context: TurnContext, customer: CustomerUpdate) -> dict[str, Json]:
    values = {key: entry.value for key, entry in customer.customer_data.items()}
    return request_names(context.input.message, context.input.channel, context.input.identity, values)
