"""Filter, judge, expand: a recorded reason for each rule kept or dropped."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from opsconductor.adapters.expressions.cel import open_expressions
from opsconductor.domain.retrieval import LaneResult, RetrievalResults, Scored
from opsconductor.domain.rules import RelationKind, Relationship, Rule, RuleEffect, RuleScope, SelectedRules
from opsconductor.domain.turn import Session, Trigger
from opsconductor.phases.p05_select_rules import SelectRules
from opsconductor.testing.contracts.lanes import a_catalogue
from opsconductor.testing.turns import a_context, a_session, an_update


def rule(rule_id: str, **changes: Any) -> Rule:
    plain = Rule(rule_id=rule_id, title=rule_id, description="", scope=RuleScope.AGENT, effect=RuleEffect.MUST_SAY)
    return replace(plain, **changes)


def relation(source: str, kind: RelationKind, target: str) -> tuple[Relationship, ...]:
    return (Relationship(source=source, kind=kind, target=target),)


async def selected(
    *rules: Rule,
    retrieved: tuple[str, ...] | None = None,
    session: Session | None = None,
    facets: Mapping[str, tuple[str, ...]] | None = None,
    trigger: Trigger = Trigger.MESSAGE,
) -> SelectedRules:
    found = [item for item in rules if retrieved is None or item.rule_id in retrieved]
    lane = LaneResult(items=tuple(Scored(item=item, score=1.0) for item in found))
    context = a_context("restart billing", catalogue=a_catalogue(rules=rules), session=session, trigger=trigger)
    update = replace(an_update(), facets=facets or {})
    return await SelectRules(open_expressions()).run(context, update, RetrievalResults(rules=lane))


def kept(result: SelectedRules) -> set[str]:
    return {item.rule_id for item in result.rules}


def reason(result: SelectedRules, rule_id: str) -> str:
    return next(verdict.reason for verdict in result.verdicts if verdict.rule_id == rule_id)


async def test_global_rules_count_whether_retrieved_or_not() -> None:
    result = await selected(rule("G", scope=RuleScope.GLOBAL), rule("A"), retrieved=())
    assert kept(result) == {"G"}


async def test_hard_rules_count_whether_retrieved_or_not() -> None:
    result = await selected(rule("h", hard=True), rule("a"), retrieved=())
    assert (kept(result), reason(result, "h")) == ({"h"}, "hard")


async def test_disabled_rules_and_foreign_scenarios_are_out() -> None:
    result = await selected(rule("A", enabled=False), rule("B", scope=RuleScope.SCENARIO, scenario="triage"))
    assert kept(result) == set()
    assert reason(result, "A") == "disabled"


async def test_facets_must_match_the_resolved_targets() -> None:
    production = rule("P", facets={"environment": ("production",)})
    assert kept(await selected(production, facets={"environment": ("production",)})) == {"P"}
    assert kept(await selected(production, facets={"environment": ("staging",)})) == set()


async def test_cooldown_and_max_fires() -> None:
    session = a_session(turn_count=5, rule_fires={"A": (5,), "B": (1, 2)})
    result = await selected(rule("A", cooldown_turns=2), rule("B", max_fires=2), session=session)
    assert kept(result) == set()
    assert reason(result, "A") == "cooldown: 2 turns left"
    assert reason(result, "B") == "fired 2 times, at most 2"


async def test_a_condition_decides_and_later_names_wait() -> None:
    result = await selected(
        rule("yes", condition="'restart' in request.words"),
        rule("no", condition="'delete' in request.words"),
        rule("later", condition="plan.targets > 1"),
        rule("undefined", condition="customer.team == 'x'"),
        rule("hard", condition="customer.team == 'x'", hard=True),
    )
    assert kept(result) == {"yes", "later", "hard"}


async def test_only_what_the_request_alone_decides_is_ruled_out_for_every_plan() -> None:
    result = await selected(
        rule("no", hard=True, condition='"delete" in request.words'),
        rule("yes", hard=True, condition='"restart" in request.words'),
        rule("later", hard=True, condition='mode == "act"'),
        rule("unknown", hard=True, condition="customer.freeze"),
        rule("elsewhere", hard=True, condition="false", facets={"environment": ("production",)}),
        rule("off", hard=True, condition="false", enabled=False),
    )
    assert result.ruled_out == {"no"}


async def test_implied_rules_join_and_excluded_ones_leave() -> None:
    result = await selected(
        rule("A", relations=relation("A", RelationKind.IMPLIES, "B"), priority=2),
        rule("B", relations=relation("B", RelationKind.EXCLUDES, "C"), priority=1),
        rule("C"),
        retrieved=("A", "C"),
    )
    assert kept(result) == {"A", "B"}
    assert reason(result, "B") == "implied by A"
    assert reason(result, "C") == "excluded by B"


async def test_the_special_case_replaces_the_general_one() -> None:
    result = await selected(rule("S", relations=relation("S", RelationKind.SPECIALIZES, "G")), rule("G"))
    assert kept(result) == {"S"}


async def test_a_rule_without_what_it_depends_on_is_dropped() -> None:
    result = await selected(
        rule("A", relations=relation("A", RelationKind.DEPENDS_ON, "B")),
        rule("B", relations=relation("B", RelationKind.DEPENDS_ON, "C")),
        rule("C", enabled=False),
    )
    assert kept(result) == set()


async def test_a_hard_rule_is_never_excluded() -> None:
    result = await selected(rule("A", relations=relation("A", RelationKind.EXCLUDES, "H")), rule("H", hard=True))
    assert kept(result) == {"A", "H"}


async def test_other_triggers_bring_no_rules() -> None:
    assert (await selected(rule("A"), trigger=Trigger.APPROVAL)) == SelectedRules()


kinds = st.sampled_from(list(RelationKind))
names = st.sampled_from("ABCDE")


@given(st.lists(st.tuples(names, kinds, names), max_size=12))
async def test_any_web_of_relations_ends_and_keeps_hard_rules(web: list[tuple[str, RelationKind, str]]) -> None:
    rules = [
        rule(
            name,
            hard=name == "E",
            relations=tuple(Relationship(source=s, kind=k, target=t) for s, k, t in web if s == name),
        )
        for name in "ABCDE"
    ]
    result = await selected(*rules)
    assert "E" in kept(result)
    assert {verdict.rule_id for verdict in result.verdicts if verdict.kept} == kept(result)
