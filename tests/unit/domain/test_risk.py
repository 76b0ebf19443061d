"""The truth table of safety §3, row by row and as a rule."""

import json
from dataclasses import replace
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsconductor.domain.catalogue import Effect, RiskLevel
from opsconductor.domain.plan import BlastRadius, PlannedTarget, PlanStep
from opsconductor.domain.risk import (
    RiskPart,
    assess,
    blast_radius,
    criticality_rank,
    highest,
    highest_criticality,
    is_production,
    policy_level,
    risk_parts,
)

LOW, MEDIUM, HIGH, CRITICAL = RiskLevel


def target(name: str, environment: str = "staging", criticality: str = "medium") -> PlannedTarget:
    return PlannedTarget(asset_id=f"asset_{name}", name=name, environment=environment, criticality=criticality)


def step(
    effect: str = "read",
    risk: str = "low",
    targets: tuple[PlannedTarget, ...] = (),
    outside: bool = False,
    step_id: str = "step_1",
) -> PlanStep:
    return PlanStep(
        step_id=step_id,
        description="",
        tool="t",
        tool_digest="",
        inputs={},
        targets=targets,
        effect=effect,
        risk=risk,
        outside_inventory=outside,
    )


def hosts(count: int, environment: str = "staging", criticality: str = "medium") -> tuple[PlannedTarget, ...]:
    return tuple(target(f"h{number}", environment, criticality) for number in range(count))


ONE = (target("a"),)
ROWS = [
    ((step(),), 0, LOW),
    ((step(targets=hosts(100)),), 0, LOW),
    ((step(targets=hosts(100, "production", "high")),), 0, LOW),
    ((step(outside=True),), 1, LOW),
    ((step("idempotent", "medium", ONE),), 1, MEDIUM),
    ((step("compensatable", "medium", ONE),), 1, MEDIUM),
    ((step("compensatable", "medium", (target("a", "production"),)),), 2, HIGH),
    ((step("idempotent", "medium", (target("a", "production"),)),), 1, MEDIUM),
    ((step("idempotent", "medium", (target("a"), target("b"))),), 2, HIGH),
    ((step("idempotent", "medium", ONE), step("idempotent", "medium", ONE, step_id="step_2")), 2, MEDIUM),
    ((step("idempotent", "medium", ONE), step(targets=hosts(3), step_id="step_2")), 1, MEDIUM),
    ((step("read", "high"),), 2, HIGH),
    ((step("read", "critical"),), 3, CRITICAL),
    ((step("irreversible", "low", ONE),), 3, CRITICAL),
    ((step("idempotent", "medium", hosts(1, "staging", "high")),), 2, HIGH),
    ((step("idempotent", "medium", hosts(1, "staging", "unheard of")),), 2, HIGH),
    ((step("idempotent", "medium", hosts(9, "staging", "high")),), 2, HIGH),
    ((step("idempotent", "medium", hosts(10, "staging", "high")),), 3, CRITICAL),
    ((step("idempotent", "medium", hosts(50, "staging", "medium")),), 2, HIGH),
    ((step("idempotent", "low"),), 1, MEDIUM),
]


@pytest.mark.parametrize(("steps", "level", "risk"), ROWS)
def test_each_row_of_the_table_gives_its_level(steps: tuple[PlanStep, ...], level: int, risk: RiskLevel) -> None:
    verdict = assess(steps)
    assert (verdict.level, verdict.risk) == (level, risk)


def test_the_table_is_whole_and_every_row_can_decide() -> None:
    table = json.loads(files("opsconductor.domain").joinpath("risk_levels.json").read_text("utf-8"))
    assert set(table["effect_risk"]) == {effect.value for effect in Effect}
    rows = [row for part in ("environment_risk", "blast_radius", "levels", "policy") for row in table[part]]
    assert all(row["because"] for row in rows)
    assert {RiskLevel(row["risk"]) for row in rows if "risk" in row}
    told = {reason for steps, _, _ in ROWS for reason in assess(steps).reasons}
    assert {row["because"] for row in table["levels"] + table["blast_radius"]} <= told


@pytest.mark.parametrize(
    ("environment", "production"),
    [
        ("production", True),
        ("Production", True),
        ("prod", True),
        ("eu-prod-1", True),
        ("live", True),
        ("reproduction-lab", False),
        ("preproduction", False),
        ("staging", False),
        ("", False),
    ],
)
def test_only_whole_words_mean_production(environment: str, production: bool) -> None:
    assert is_production(environment) is production


def test_a_host_named_like_production_is_not_production() -> None:
    named = replace(target("reproduction-lab"), environment="reproduction-lab")
    assert assess((step("compensatable", "medium", (named,)),)).level == 1


def test_the_floor_of_the_catalogue_is_never_lowered() -> None:
    assert highest(risk_parts(Effect.READ, HIGH)) is HIGH
    assert highest(risk_parts(Effect.IRREVERSIBLE, LOW)) is CRITICAL
    rule = RiskPart(source="rule", risk=CRITICAL, because="it says so")
    assert highest(risk_parts(Effect.IDEMPOTENT, LOW, (), [rule])) is CRITICAL


def test_every_part_of_a_steps_risk_is_named() -> None:
    rule = RiskPart(source="rule", risk=LOW, because="it says so")
    parts = risk_parts(Effect.COMPENSATABLE, MEDIUM, hosts(2, "production", "high"), [rule])
    assert [(part.source, part.risk) for part in parts] == [
        ("effect", MEDIUM),
        ("catalogue", MEDIUM),
        ("rule", LOW),
        ("environment", HIGH),
        ("blast radius", HIGH),
        ("blast radius", HIGH),
    ]
    assert [part.source for part in risk_parts(Effect.READ, LOW, hosts(2, "production", "high"))] == [
        "effect",
        "catalogue",
    ]


def test_an_unknown_criticality_counts_as_the_highest() -> None:
    assert criticality_rank("low") < criticality_rank("medium") < criticality_rank("high") < criticality_rank("?")
    assert highest_criticality([*hosts(2), target("x", criticality="?")]) == "?"
    assert highest_criticality([]) == "low"


def test_the_blast_radius_counts_each_target_once() -> None:
    steps = (step("idempotent", "medium", hosts(2)), step(targets=(*hosts(1), target("db", criticality="high"))))
    assert blast_radius(steps, 4) == BlastRadius(targets=3, criticality="high", dependents=4)


CHANGE = (step("idempotent", "medium", ONE),)
ON_PRODUCTION = (step("idempotent", "medium", hosts(1, "production")),)


@pytest.mark.parametrize(
    ("steps", "layers", "level"),
    [
        (CHANGE, [{}], 0),
        ((step(),), [{"change_level": 3}], 0),
        (CHANGE, [{"change_level": 2}], 2),
        (CHANGE, [{"change_level": 2}, {"change_level": 1}], 2),
        (CHANGE, [{"production_level": 3}], 0),
        (ON_PRODUCTION, [{"production_level": 3, "change_level": 1}], 3),
        (CHANGE, [{"change_level": "two"}], 3),
        (CHANGE, [{"change_level": True}], 3),
        (CHANGE, [{"change_level": 7}], 3),
        (CHANGE, [{"change_level": -1}], 3),
        (CHANGE, [{"change_level": None}], 3),
    ],
)
def test_a_policy_asks_for_its_level_and_an_unreadable_one_for_the_highest(
    steps: tuple[PlanStep, ...], layers: list[dict[str, object]], level: int
) -> None:
    found, reasons = policy_level(steps, *layers)  # type: ignore[arg-type]
    assert (found, bool(reasons)) == (level, level > 0)
    assert all(f"level {level}" in words for words in reasons)


effects = st.sampled_from([effect.value for effect in Effect])
risks = st.sampled_from([risk.value for risk in RiskLevel])
targets = st.builds(
    target,
    st.sampled_from("abcdefghijklmn"),
    st.sampled_from(["staging", "production"]),
    st.sampled_from(["low", "medium", "high", "odd"]),
)
steps = st.builds(step, effects, risks, st.lists(targets, max_size=14).map(tuple), st.booleans())
rules = st.builds(RiskPart, source=st.just("rule"), risk=st.sampled_from(RiskLevel), because=st.just("so"))


@given(st.lists(steps, min_size=1, max_size=4), steps, st.integers(0, 4))
def test_one_more_step_never_lowers_risk_or_level(plan: list[PlanStep], more: PlanStep, place: int) -> None:
    before, after = assess(tuple(plan)), assess((*plan[:place], more, *plan[place:]))
    assert after.level >= before.level
    assert after.risk.rank >= before.risk.rank


@given(st.lists(steps, min_size=1, max_size=4), targets)
def test_one_more_target_never_lowers_risk_or_level(plan: list[PlanStep], more: PlannedTarget) -> None:
    wider = [replace(plan[0], targets=(*plan[0].targets, more)), *plan[1:]]
    before, after = assess(tuple(plan)), assess(tuple(wider))
    assert after.level >= before.level
    assert after.risk.rank >= before.risk.rank


@given(
    st.sampled_from(Effect), st.sampled_from(RiskLevel), st.lists(targets), st.lists(rules, max_size=3), rules, targets
)
def test_one_more_rule_or_target_never_lowers_a_steps_risk(
    effect: Effect,
    floor: RiskLevel,
    known: list[PlannedTarget],
    given: list[RiskPart],
    more: RiskPart,
    another: PlannedTarget,
) -> None:
    before = highest(risk_parts(effect, floor, known, given))
    assert highest(risk_parts(effect, floor, known, [*given, more])).rank >= before.rank
    assert highest(risk_parts(effect, floor, [*known, another], given)).rank >= before.rank


@given(st.lists(steps, min_size=1, max_size=4))
def test_nothing_that_changes_is_ever_level_0(plan: list[PlanStep]) -> None:
    if any(item.effect != "read" for item in plan):
        assert assess(tuple(plan)).level >= 1


def test_the_verdict_says_why() -> None:
    verdict = assess((step("idempotent", "high", (target("a"), target("b"))),))
    assert verdict.reasons == (
        "more than one target is changed",
        "the risk is high",
        "something is changed",
        "several assets are changed at once",
    )
    assert assess((step(),)).reasons == ("it only reads",)
