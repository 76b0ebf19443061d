"""A rule that holds raises the risk, one that cannot be judged does too, and an undo counts with its step."""

from typing import Any

import pytest

from opsconductor.adapters.expressions.cel import open_expressions
from opsconductor.domain.catalogue import Effect, RiskLevel, RiskRule
from opsconductor.domain.json_value import Json
from opsconductor.stages.c_plan.risk_rules import rule_parts, rule_target, undo_parts
from opsconductor.testing.contracts.lanes import a_catalogue
from opsconductor.testing.doubles.inventory.in_memory import an_asset
from opsconductor.testing.executions import a_change

STAGING = an_asset("app-01", environment="staging", platform="linux", services=("billing",))
LIVE = an_asset("app-02", environment="eu-live", platform="linux")
LAB = an_asset("reproduction-lab", environment="reproduction-lab")


def rule(when: str, because: str = "it matters") -> RiskRule:
    return RiskRule(when=when, risk=RiskLevel.HIGH, because=because)


async def said(when: str, *targets: Any, **inputs: Json) -> list[str]:
    tool = a_change(risk_rules=(rule(when),))
    parts = await rule_parts(open_expressions(), tool, inputs, targets)
    assert all((part.source, part.risk) == ("rule", RiskLevel.HIGH) for part in parts)
    return [part.because for part in parts]


HELD = ["service-restart: it matters"]


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ("input.force == true", HELD),
        ("input.force == false", []),
        ("target.production", []),
        ("input.host == 'app-01'", HELD),
        ("'billing' in target.services", HELD),
        ("input.absent == 'x'", ["service-restart: it matters (could not be judged: input.absent)"]),
        ("has(input.absent) && input.absent == 'x'", []),
        ("'text'", ["service-restart: it matters (could not be judged)"]),
        ("1 + 1", ["service-restart: it matters (could not be judged)"]),
    ],
)
async def test_a_rule_raises_when_it_holds_or_cannot_be_judged(when: str, expected: list[str]) -> None:
    assert await said(when, STAGING, force=True) == expected


async def test_one_target_of_many_is_enough() -> None:
    assert await said("target.production", STAGING, LIVE) == HELD
    assert await said("target.production", STAGING, LAB) == []


async def test_a_rule_about_a_target_without_one_raises() -> None:
    assert len(await said("target.production")) == 1


def test_whole_words_mean_production() -> None:
    assert [rule_target(asset)["production"] for asset in (STAGING, LIVE, LAB)] == [False, True, False]


def test_an_undo_counts_and_a_missing_one_is_critical() -> None:
    back = a_change("back", effect=Effect.COMPENSATABLE, risk=RiskLevel.HIGH)
    tool = a_change(undo="back")
    assert undo_parts(a_catalogue(tools={"back": back}), a_change()) == ()
    assert [part.risk for part in undo_parts(a_catalogue(tools={"back": back}), tool)] == [RiskLevel.HIGH]
    assert [part.risk for part in undo_parts(a_catalogue(tools={}), tool)] == [RiskLevel.CRITICAL]
