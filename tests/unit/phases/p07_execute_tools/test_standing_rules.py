"""A plan is judged by what was in force for it, and by every hard rule that its targets call for."""

from dataclasses import replace
from typing import Any

import pytest

from opsconductor.domain.assets import AssetService
from opsconductor.domain.rules import Rule, RuleEffect, RuleScope, RuleVerdict, SelectedRules
from opsconductor.domain.scenarios import Orchestration, Scenario, ScenarioStep, StepKind, ToolBinding
from opsconductor.phases.p07_execute_tools.standing_rules import standing_rules, with_hard_rules
from opsconductor.testing.contracts.lanes import a_catalogue
from opsconductor.testing.executions import HOSTS, a_change, a_plan, a_step


def a_rule(**changes: Any) -> Rule:
    fields: dict[str, Any] = {"scope": RuleScope.GLOBAL, "effect": RuleEffect.DENY, "hard": True, **changes}
    return Rule(rule_id="R-1", title="", description="", **fields)


@pytest.mark.parametrize(
    ("rule", "kept", "stands"),
    [
        (a_rule(), False, True),
        (a_rule(enabled=False), True, False),
        (a_rule(hard=False), False, False),
        (a_rule(hard=False), True, True),
        (a_rule(scope=RuleScope.AGENT), False, True),
        (a_rule(scope=RuleScope.AGENT, hard=False), False, False),
        (a_rule(scope=RuleScope.AGENT, hard=False), True, True),
        (a_rule(scope=RuleScope.SCENARIO, scenario="s"), False, False),
        (a_rule(scope=RuleScope.SCENARIO, scenario="s"), True, True),
        (a_rule(effect=RuleEffect.MUST_SAY), True, False),
        (a_rule(facets={"environment": ("staging",)}), False, True),
        (a_rule(facets={"environment": ("production",)}), False, False),
        (a_rule(facets={"service": ("no-such",)}), False, False),
    ],
)
def test_which_rules_stand(rule: Rule, kept: bool, stands: bool) -> None:
    verdicts = [RuleVerdict(rule_id="R-1", kept=kept, reason="")]
    found = standing_rules(a_catalogue(rules=(rule,)), verdicts, HOSTS[:1])
    assert found.rules == ((rule,) if stands else ())


PLAN = a_plan(a_step(a_change(), HOSTS[0]))
BINDING = ToolBinding(tool="t-1")
RUNBOOK = Scenario(
    scenario_id="s",
    version=1,
    title="",
    description="",
    intents=(),
    steps=(ScenarioStep(step_id="do", kind=StepKind.ACTION, binding=BINDING),),
)


@pytest.mark.parametrize(
    ("rule", "stands"),
    [
        (a_rule(), True),
        (a_rule(enabled=False), False),
        (a_rule(hard=False), False),
        (a_rule(effect=RuleEffect.MUST_SAY), False),
        (a_rule(scope=RuleScope.AGENT), True),
        (a_rule(scope=RuleScope.SCENARIO, scenario="s"), True),
        (a_rule(scope=RuleScope.SCENARIO, scenario="another"), False),
        (a_rule(facets={"environment": ("staging",)}), True),
        (a_rule(facets={"environment": ("production",)}), False),
        (a_rule(facets={"service": ("no-such",)}), False),
    ],
)
def test_a_plan_brings_the_hard_rules_of_its_targets_and_of_its_scenario(rule: Rule, stands: bool) -> None:
    catalogue = a_catalogue(rules=(rule,), scenarios=(RUNBOOK,))
    running = Orchestration(bindings=(BINDING,))
    found = with_hard_rules(catalogue, SelectedRules(), PLAN, HOSTS[:1], running)
    assert found.rules == ((rule,) if stands else ())
    assert with_hard_rules(catalogue, SelectedRules(rules=(rule,)), PLAN, HOSTS[:1], running).rules == (rule,)


def test_a_rule_that_the_request_has_ruled_out_is_not_judged_again() -> None:
    catalogue = a_catalogue(rules=(a_rule(),))
    request = SelectedRules(ruled_out=frozenset({a_rule().rule_id}))
    assert with_hard_rules(catalogue, request, PLAN, HOSTS[:1], Orchestration()) is request


def test_a_plan_that_names_its_service_is_not_judged_by_the_others_on_the_host() -> None:
    for facet, stands in (("billing", True), ("storefront", False)):
        rule = a_rule(facets={"service": (facet,)})
        host = replace(HOSTS[0], services=(AssetService(name="billing"), AssetService(name="storefront")))
        found = with_hard_rules(a_catalogue(rules=(rule,)), SelectedRules(), PLAN, [host], Orchestration())
        assert bool(found.rules) is stands
