"""P5 select_rules: filter → judge → expand over relations, with a recorded reason for each rule kept or dropped.

reads: retrieved rules, GLOBAL rules, session fires, facets of the resolved targets
writes: nothing
"""

from collections.abc import Mapping

from opsconductor.domain.json_value import Json
from opsconductor.domain.retrieval import RetrievalResults
from opsconductor.domain.rule_names import LATER_NAMES, request_names
from opsconductor.domain.rules import RelationKind, Rule, RuleScope, RuleVerdict, SelectedRules, facets_match
from opsconductor.domain.turn import CustomerUpdate, Trigger, TurnContext
from opsconductor.ports.expressions import Expressions

RELATION_DEPTH = 2


class SelectRules:
    """Decides which rules bear on this turn. Conditions that need the plan wait for the gate."""

    def __init__(self, expressions: Expressions) -> None:
        self._expressions = expressions

    async def run(self, context: TurnContext, customer: CustomerUpdate, retrieved: RetrievalResults) -> SelectedRules:
        """The rules in force; GLOBAL and hard ones are considered whatever was retrieved."""
        if context.input.trigger is not Trigger.MESSAGE:
            return SelectedRules()
        scores = {scored.item.rule_id: scored.score for scored in retrieved.rules.items}
        by_id = context.catalogue.rules_by_id
        kept: dict[str, Rule] = {}
        verdicts: dict[str, RuleVerdict] = {}
        ruled_out: list[str] = []
        names = request_names(
            context.input.message,
            context.input.channel,
            context.input.identity,
            {key: entry.value for key, entry in customer.customer_data.items()},
        )
        for rule in by_id.values():
            if rule.scope is not RuleScope.GLOBAL and not rule.hard and rule.rule_id not in scores:
                continue
            reason, keep, final = await self._judge(rule, context, customer.facets, names)
            if final:
                ruled_out.append(rule.rule_id)
            verdicts[rule.rule_id] = RuleVerdict(
                rule_id=rule.rule_id, kept=keep, reason=reason, score=scores.get(rule.rule_id)
            )
            if keep:
                kept[rule.rule_id] = rule
        _expand(kept, verdicts, by_id)
        ordered = sorted(kept.values(), key=lambda rule: (-rule.priority, rule.rule_id))
        return SelectedRules(rules=tuple(ordered), verdicts=tuple(verdicts.values()), ruled_out=frozenset(ruled_out))

    async def _judge(
        self, rule: Rule, context: TurnContext, facets: Mapping[str, tuple[str, ...]], names: Mapping[str, Json]
    ) -> tuple[str, bool, bool]:
        """Why the rule is kept or dropped, whether it is kept, and whether no plan can make its condition hold."""
        dropped = _filtered(rule, context, facets)
        if dropped:
            return dropped, False, False
        if not rule.condition:
            return _why_considered(rule), True, False
        evaluation = await self._expressions.evaluate(rule.condition, names)
        if evaluation.holds:
            return "condition holds", True, False
        if evaluation.missing.split(".")[0] in LATER_NAMES:
            return "condition waits for the plan", True, False
        why = evaluation.missing or evaluation.fault
        if rule.hard and evaluation.value is None:
            return f"kept although its condition cannot be judged: {why}", True, False
        return f"condition does not hold{_why(why)}", False, evaluation.value is not None


def _why_considered(rule: Rule) -> str:
    if rule.scope is RuleScope.GLOBAL:
        return "global"
    return "hard" if rule.hard else "retrieved"


def _why(detail: str) -> str:
    return f": {detail}" if detail else ""


def _filtered(rule: Rule, context: TurnContext, facets: Mapping[str, tuple[str, ...]]) -> str:
    """Why the rule is out before any judging, or ""."""
    session = context.session
    number = session.turn_count + 1
    fires = session.rule_fires.get(rule.rule_id, ())
    if not rule.enabled:
        return "disabled"
    if rule.scope is RuleScope.SCENARIO and rule.scenario not in {
        instance.scenario_id for instance in session.scenarios if instance.status == "active"
    }:
        return "its scenario is not under way"
    if not facets_match(rule.facets, facets):
        return "its facets do not match the targets"
    if rule.cooldown_turns and fires and number - fires[-1] <= rule.cooldown_turns:
        return f"cooldown: {rule.cooldown_turns - (number - fires[-1]) + 1} turns left"
    if rule.max_fires and len(fires) >= rule.max_fires:
        return f"fired {len(fires)} times, at most {rule.max_fires}"
    return ""


def _expand(kept: dict[str, Rule], verdicts: dict[str, RuleVerdict], by_id: Mapping[str, Rule]) -> None:
    """Apply relations to `kept` in place; each round can only add known or drop kept rules, so cycles end."""
    if not any(rule.relations for rule in kept.values()):
        return
    for _ in range(RELATION_DEPTH):
        _imply(kept, verdicts, by_id)
    for rule in sorted(kept.values(), key=lambda item: (-item.priority, item.rule_id)):
        if rule.rule_id in kept:
            _restrict(rule, kept, verdicts)
    for _ in range(len(kept)):
        if not _drop_dependents(kept, verdicts):
            break


def _imply(kept: dict[str, Rule], verdicts: dict[str, RuleVerdict], by_id: Mapping[str, Rule]) -> None:
    for rule in list(kept.values()):
        for relation in rule.relations:
            target = by_id.get(relation.target)
            if relation.kind is not RelationKind.IMPLIES or target is None or not target.enabled:
                continue
            if target.rule_id not in kept:
                kept[target.rule_id] = target
                _record(verdicts, target.rule_id, True, f"implied by {rule.rule_id}")


def _restrict(rule: Rule, kept: dict[str, Rule], verdicts: dict[str, RuleVerdict]) -> None:
    """The rule excludes, or as the special case replaces, others; a hard rule is never taken out."""
    for relation in rule.relations:
        target = kept.get(relation.target)
        if target is None or target.hard or target.rule_id == rule.rule_id:
            continue
        if relation.kind is RelationKind.EXCLUDES:
            del kept[target.rule_id]
            _record(verdicts, target.rule_id, False, f"excluded by {rule.rule_id}")
        elif relation.kind is RelationKind.SPECIALIZES:
            del kept[target.rule_id]
            _record(verdicts, target.rule_id, False, f"{rule.rule_id} is the special case")


def _drop_dependents(kept: dict[str, Rule], verdicts: dict[str, RuleVerdict]) -> bool:
    for rule in list(kept.values()):
        missing = [
            relation.target
            for relation in rule.relations
            if relation.kind is RelationKind.DEPENDS_ON and relation.target not in kept
        ]
        if missing and not rule.hard:
            del kept[rule.rule_id]
            _record(verdicts, rule.rule_id, False, f"depends on {missing[0]}, which is not in force")
            return True
    return False


def _record(verdicts: dict[str, RuleVerdict], rule_id: str, kept: bool, reason: str) -> None:
    former = verdicts.get(rule_id)
    verdicts[rule_id] = RuleVerdict(
        rule_id=rule_id, kept=kept, reason=reason, score=former.score if former is not None else None
    )
