"""The truth table of safety §3, row by row and as a rule."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsconductor.domain.catalogue import Effect, RiskLevel
from opsconductor.domain.plan import PlannedTarget, PlanStep
from opsconductor.domain.risk import assess, is_production, step_risk


def target(name: str, environment: str = "staging") -> PlannedTarget:
    return PlannedTarget(asset_id=f"asset_{name}", name=name, environment=environment)


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


ROWS = [
    ((step(),), 0),
    ((step(targets=tuple(target(f"h{i}") for i in range(100))),), 0),
    ((step(outside=True),), 1),
    ((step("idempotent", "medium", (target("a"),)),), 1),
    ((step("compensatable", "medium", (target("a"),)),), 1),
    ((step("compensatable", "medium", (target("a", "production"),)),), 2),
    ((step("idempotent", "medium", (target("a", "production"),)),), 1),
    ((step("idempotent", "medium", (target("a"), target("b"))),), 2),
    ((step("idempotent", "medium", (target("a"),)), step("idempotent", "medium", (target("a"),), step_id="step_2")), 2),
    ((step("idempotent", "high", (target("a"),)),), 2),
    ((step("idempotent", "critical", (target("a"),)),), 3),
    ((step("irreversible", "critical", (target("a"),)),), 3),
    ((step("read", "high"),), 2),
]


@pytest.mark.parametrize(("steps", "level"), ROWS)
def test_each_row_of_the_table_gives_its_level(steps: tuple[PlanStep, ...], level: int) -> None:
    assert assess(steps).level == level


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


def test_the_floor_of_the_catalogue_is_never_lowered() -> None:
    assert step_risk(Effect.READ, RiskLevel.HIGH) is RiskLevel.HIGH
    assert step_risk(Effect.IRREVERSIBLE, RiskLevel.LOW) is RiskLevel.CRITICAL
    assert step_risk(Effect.IDEMPOTENT, RiskLevel.LOW, [RiskLevel.CRITICAL]) is RiskLevel.CRITICAL


effects = st.sampled_from([effect.value for effect in Effect])
risks = st.sampled_from([risk.value for risk in RiskLevel])
steps = st.builds(
    step,
    effects,
    risks,
    st.lists(st.builds(target, st.sampled_from("abcd"), st.sampled_from(["staging", "production"])), max_size=4).map(
        tuple
    ),
    st.booleans(),
)


@given(st.lists(steps, min_size=1, max_size=4), steps)
def test_one_more_step_never_lowers_the_level(plan: list[PlanStep], more: PlanStep) -> None:
    assert assess((*plan, more)).level >= assess(tuple(plan)).level


@given(st.lists(steps, min_size=1, max_size=4))
def test_nothing_that_changes_is_ever_level_0(plan: list[PlanStep]) -> None:
    if any(item.effect != "read" for item in plan):
        assert assess(tuple(plan)).level >= 1


def test_the_verdict_says_why() -> None:
    verdict = assess((step("idempotent", "high", (target("a"), target("b"))),))
    assert verdict.reasons == ("more than one target is changed", "the risk is high", "one target is changed")
