"""Which rules bear on a plan: those in force for the turn that made it, and every hard one that its targets call for.

What was retrieved, and what the words were taken to be about, may add rules. It never takes a hard one away.
"""

from collections.abc import Collection, Iterable
from dataclasses import replace

from opsconductor.domain.assets import Asset
from opsconductor.domain.catalogue import Catalogue
from opsconductor.domain.json_value import Json
from opsconductor.domain.plan import PlanV1
from opsconductor.domain.rules import Rule, RuleEffect, RuleScope, RuleVerdict, SelectedRules, facets_match
from opsconductor.domain.scenarios import Orchestration

_FACETS = ("environment", "type", "role", "platform", "os", "site", "owner", "status", "criticality")
_EFFECTS = (RuleEffect.DENY, RuleEffect.RAISE_LEVEL)


def standing_rules(catalogue: Catalogue, verdicts: Iterable[RuleVerdict], assets: Iterable[Asset]) -> SelectedRules:
    """The denying and raising rules to judge the plan by; `verdicts` are those of the turn that planned it."""
    kept = {verdict.rule_id for verdict in verdicts if verdict.kept}
    facets = _facets(tuple(assets))
    return SelectedRules(
        rules=tuple(
            rule
            for rule in catalogue.rules
            if rule.enabled and rule.effect in _EFFECTS and (rule.rule_id in kept or _always(rule, facets))
        )
    )


def with_hard_rules(
    catalogue: Catalogue, rules: SelectedRules, plan: PlanV1, assets: Iterable[Asset], orchestration: Orchestration
) -> SelectedRules:
    """`rules`, and every hard rule that the targets and the scenario of this plan call for beside them."""
    known = {rule.rule_id for rule in rules.rules} | rules.ruled_out
    open_rules = [
        rule
        for rule in catalogue.rules
        if rule.hard and rule.enabled and rule.effect in _EFFECTS and rule.rule_id not in known
    ]
    if not open_rules:
        return rules
    facets = _facets(tuple(assets)) | _named_services(plan)
    running = {
        scenario.scenario_id
        for scenario in catalogue.scenarios
        if any(step.binding in orchestration.bindings for step in scenario.steps if step.binding is not None)
    }
    added = tuple(rule for rule in open_rules if _always(rule, facets, running))
    return replace(rules, rules=(*rules.rules, *added)) if added else rules


def _always(rule: Rule, facets: dict[str, Json], scenarios: Collection[str] = ()) -> bool:
    here = rule.scope is not RuleScope.SCENARIO or rule.scenario in scenarios
    return rule.hard and here and facets_match(rule.facets, facets)


def _facets(assets: tuple[Asset, ...]) -> dict[str, Json]:
    facets: dict[str, Json] = {name: [getattr(asset, name) for asset in assets] for name in _FACETS}
    return {**facets, "service": [service.name for asset in assets for service in asset.services]}


def _named_services(plan: PlanV1) -> dict[str, Json]:
    """The services the plan is about, when each step names its own; else all on its targets count."""
    named: list[Json] = [step.inputs.get("service") for step in plan.steps]
    return {"service": named} if named and all(isinstance(name, str) for name in named) else {}
