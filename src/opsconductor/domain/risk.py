"""Risk and approval level: a pure function of the plan's facts. No model, no words, no default that lets pass."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from opsconductor.domain.catalogue import Effect, RiskLevel
from opsconductor.domain.plan import PlanStep


@dataclass(frozen=True, kw_only=True)
class RiskVerdict:
    """The risk of a plan, its level and why."""

    risk: RiskLevel
    level: int  # 0 run at once · 1 requester confirms · 2 a second person · 3 two persons, step by step
    reasons: tuple[str, ...]


@cache
def _table() -> Mapping[str, Any]:
    table: Mapping[str, Any] = json.loads(files("opsconductor.domain").joinpath("risk_levels.json").read_text("utf-8"))
    return table


def is_production(environment: str) -> bool:
    """True when a whole word of `environment` means production; `reproduction-lab` does not."""
    return any(word in _table()["production"] for word in re.split(r"[^a-z0-9]+", environment.lower()))


def step_risk(effect: Effect, floor: RiskLevel, raised: Iterable[RiskLevel] = ()) -> RiskLevel:
    """max(what the effect implies, the catalogue's floor, argument and target rules)."""
    implied = RiskLevel(_table()["effect_risk"][effect.value])
    return max((implied, floor, *raised), key=lambda risk: risk.rank)


def assess(steps: tuple[PlanStep, ...]) -> RiskVerdict:
    """Risk and approval level of a whole plan; the highest matching row of the table decides."""
    risk = max((RiskLevel(step.risk) for step in steps), key=lambda level: level.rank, default=RiskLevel.LOW)
    facts = _facts(steps, risk)
    rows = [row for row in _table()["levels"] if facts[row["when"]]]
    level = max((row["level"] for row in rows), default=0)
    reasons = tuple(row["because"] for row in rows) or ("it only reads",)
    return RiskVerdict(risk=risk, level=level, reasons=reasons)


def _facts(steps: tuple[PlanStep, ...], risk: RiskLevel) -> Mapping[str, bool]:
    changing = [step for step in steps if step.effect != Effect.READ]
    changed = {target.asset_id for step in changing for target in step.targets}
    return {
        "irreversible": any(step.effect == Effect.IRREVERSIBLE for step in steps),
        "risk_critical": risk is RiskLevel.CRITICAL,
        "several_changing_steps": len(changing) > 1,
        "several_changed_targets": len(changed) > 1,
        "compensatable_on_production": any(
            step.effect == Effect.COMPENSATABLE and any(is_production(target.environment) for target in step.targets)
            for step in changing
        ),
        "risk_high": risk is RiskLevel.HIGH,
        "changing": bool(changing),
        "outside_inventory": any(step.outside_inventory for step in steps),
    }
