"""rights → hard rules → risk → level → mode: what is not clearly allowed is refused."""

from dataclasses import replace

import pytest

from opsconductor.adapters.authorizer.cedar import CedarAuthorizer
from opsconductor.adapters.expressions.cel import open_expressions
from opsconductor.domain.customer import VariableEntry
from opsconductor.domain.decision import DecisionV1, IntentGuess
from opsconductor.domain.identity import Role
from opsconductor.domain.json_value import Json
from opsconductor.domain.knowledge import Mode
from opsconductor.domain.plan import BlastRadius, PlannedTarget, PlanStep, PlanV1
from opsconductor.domain.rules import Rule, RuleEffect, RuleScope, SelectedRules
from opsconductor.domain.turn import CustomerUpdate, GateVerdict, TurnContext
from opsconductor.phases.p07_execute_tools.gate import Gate
from opsconductor.testing.turns import a_context, an_update

DECISION = DecisionV1(
    decision_id="dec_1",
    mode=Mode.ACT,
    intent=IntentGuess(category="automation", action="service_restart", confidence=0.9),
    entities=(),
    overall_confidence=0.9,
    confidence_level="high",
    request="restart billing on app-01",
)
UPDATE: CustomerUpdate = an_update()


def plan(level: int = 1, effect: str = "idempotent", estimate_s: float = 5.0, environment: str = "staging") -> PlanV1:
    target = PlannedTarget(asset_id="asset_app-01", name="app-01", platform="linux", environment=environment)
    step = PlanStep(
        step_id="step_1",
        description="",
        tool="service-restart",
        tool_digest="",
        inputs={"service": "billing"},
        targets=(target,),
        effect=effect,
    )
    return PlanV1(
        plan_id="plan_1",
        plan_digest="sha256:1",
        steps=(step,),
        estimate_s=estimate_s,
        timeout_s=15,
        risk="medium",
        risk_reasons=("one target is changed",),
        approval_level=level,
        blast_radius=BlastRadius(targets=1),
    )


def deny(condition: str) -> Rule:
    return Rule(
        rule_id="R-1",
        title="No such change",
        description="",
        scope=RuleScope.GLOBAL,
        effect=RuleEffect.DENY,
        hard=True,
        condition=condition,
        text="The policy forbids this.",
    )


async def judged(made: PlanV1, *rules: Rule, context: TurnContext | None = None) -> GateVerdict:
    gate = Gate(CedarAuthorizer(), open_expressions())
    return await gate.judge_plan(context or a_context(), DECISION, UPDATE, SelectedRules(rules=rules), made)


async def test_reads_run_and_single_changes_ask() -> None:
    assert (await judged(plan(level=0, effect="read"))).outcome == "run"
    assert (await judged(plan(level=1))).outcome == "approve"


@pytest.mark.parametrize("level", [2, 3])
async def test_higher_levels_are_asked_for_at_their_level(level: int) -> None:
    verdict = await judged(plan(level=level))
    assert (verdict.outcome, verdict.level, verdict.code) == ("approve", level, "")


@pytest.mark.parametrize(("seconds", "outcome"), [(29.9, "run"), (30.0, "refuse"), (300.0, "refuse")])
async def test_long_runs_are_refused_until_they_can_run_in_the_background(seconds: float, outcome: str) -> None:
    verdict = await judged(plan(level=0, effect="read", estimate_s=seconds))
    assert verdict.outcome == outcome
    assert (verdict.code == "gate.background_unavailable") == (outcome == "refuse")


@pytest.mark.parametrize(
    ("settings", "targets", "code"),
    [
        ({"max_targets": 3}, 3, ""),
        ({"max_targets": 3}, 4, "gate.too_many_targets"),
        ({}, 200, ""),
        ({}, 201, "gate.too_many_targets"),
        ({"max_targets": "many"}, 2, "gate.too_many_targets"),
    ],
)
async def test_a_plan_reaches_no_more_targets_than_the_agent_allows(
    settings: dict[str, Json], targets: int, code: str
) -> None:
    wide = replace(plan(level=0, effect="read"), blast_radius=BlastRadius(targets=targets))
    assert (await judged(wide, context=a_context(settings=settings))).code == code


async def test_a_viewer_may_read_and_not_change() -> None:
    context = a_context()
    viewer = replace(context.input.identity, roles=frozenset({Role.VIEWER}))
    as_viewer = replace(context, input=replace(context.input, identity=viewer))
    assert (await judged(plan(level=0, effect="read"), context=as_viewer)).outcome == "run"
    assert (await judged(plan(), context=as_viewer)).code == "rights.denied"


@pytest.mark.parametrize(
    ("condition", "code"),
    [
        ("targets.exists(t, t.environment == 'staging')", "gate.denied_by_rule"),
        ("targets.exists(t, t.environment == 'production')", ""),
        ("customer.change_freeze == true", "gate.denied_by_rule"),
        ("this is not an expression", "gate.denied_by_rule"),
        ("", "gate.denied_by_rule"),
    ],
)
async def test_a_hard_rule_denies_when_it_holds_or_cannot_be_judged(condition: str, code: str) -> None:
    assert (await judged(plan(), deny(condition))).code == code


@pytest.mark.parametrize(("effect", "code"), [("idempotent", "gate.denied_by_rule"), ("read", "")])
async def test_what_changes_something_acts_however_the_words_were_understood(effect: str, code: str) -> None:
    gate = Gate(CedarAuthorizer(), open_expressions())
    asked = replace(DECISION, mode=Mode.INFO)
    rules = SelectedRules(rules=(deny("mode == 'act'"),))
    verdict = await gate.judge_plan(a_context(), asked, UPDATE, rules, plan(level=int(effect != "read"), effect=effect))
    assert verdict.code == code


@pytest.mark.parametrize(
    ("environment", "code"),
    [("prod-eu", "gate.denied_by_rule"), ("prod", "gate.denied_by_rule"), ("reproduction-lab", ""), ("staging", "")],
)
async def test_production_means_the_same_to_rules_and_to_risk(environment: str, code: str) -> None:
    rule = deny("targets.exists(t, t.production)")
    assert (await judged(plan(environment=environment), rule)).code == code


async def test_rules_only_raise_the_level() -> None:
    raising = replace(deny("true"), effect=RuleEffect.RAISE_LEVEL, level=2)
    assert (await judged(plan(level=1), raising)).level == 2
    lowering = replace(raising, level=0)
    assert (await judged(plan(level=1), lowering)).level == 1


async def test_words_alone_can_be_forbidden() -> None:
    gate = Gate(CedarAuthorizer(), open_expressions())
    rule = deny("request.words.exists(w, w in ['delete', 'drop'])")
    forbidden = await gate.judge_request(a_context("delete the database"), UPDATE, SelectedRules(rules=(rule,)))
    assert forbidden is not None
    assert forbidden.reasons[0] == "The policy forbids this."
    harmless = await gate.judge_request(a_context("is undelete up"), UPDATE, SelectedRules(rules=(rule,)))
    assert harmless is None


async def test_a_rule_about_the_plan_does_not_judge_the_bare_words() -> None:
    gate = Gate(CedarAuthorizer(), open_expressions())
    rule = deny("plan.targets > 5")
    assert await gate.judge_request(a_context(), UPDATE, SelectedRules(rules=(rule,))) is None


@pytest.mark.parametrize(
    ("made", "settings", "level", "reason"),
    [
        (plan(), {"change_level": 2}, 2, "the policy here asks for level 2 for every change"),
        (plan(), {"production_level": 3}, 1, ""),
        (plan(environment="eu-live"), {"production_level": 3}, 3, "the policy here asks for level 3 for changes on"),
        (plan(level=3), {"change_level": 1}, 3, ""),
        (plan(level=0, effect="read"), {"change_level": 3}, 0, ""),
        (plan(), {"change_level": "strict"}, 3, "level 3"),
    ],
)
async def test_the_policy_of_a_tenant_raises_and_never_lowers(
    made: PlanV1, settings: dict[str, Json], level: int, reason: str
) -> None:
    verdict = await judged(made, context=a_context(settings=settings))
    assert verdict.level == level
    assert any(reason in words for words in verdict.reasons)


async def test_a_tenants_setting_does_not_lower_what_the_pack_asks_for() -> None:
    context = a_context(settings={"change_level": 0})
    agent = replace(context.catalogue.agent, settings={"change_level": 2})
    strict = replace(context, catalogue=replace(context.catalogue, agent=agent))
    assert (await judged(plan(), context=strict)).level == 2


async def test_an_explanation_counts_hard_rules_and_what_is_known_of_the_person() -> None:
    gate = Gate(CedarAuthorizer(), open_expressions())
    rule = deny("has(customer.freeze) && customer.freeze == true")
    context = replace(a_context(), catalogue=replace(a_context().catalogue, rules=(rule,)))
    assert (await gate.explain(context, plan(), ())).outcome == "approve"
    entry = VariableEntry(key="freeze", value=True, source="user", confidence=1.0, updated_at="")
    frozen = replace(context, customer_data={"freeze": entry})
    verdict = await gate.explain(frozen, plan(), ())
    assert (verdict.outcome, verdict.code) == ("refuse", "gate.denied_by_rule")
