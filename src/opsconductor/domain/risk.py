"""Risk and approval level: a pure function of the plan's facts. No model, no words, no default that lets pass."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from opsconductor.domain.catalogue import Effect, RiskLevel
from opsconductor.domain.json_value import Json
from opsconductor.domain.plan import BlastRadius, PlannedTarget, PlanStep

HIGHEST_LEVEL = 3


@dataclass(frozen=True, kw_only=True)
class RiskPart:
    """One thing that gives a step or a plan a risk."""

    source: str  # effect | catalogue | rule | environment | blast radius
    risk: RiskLevel
    because: str


@dataclass(frozen=True, kw_only=True)
class RiskVerdict:
    """The risk of a plan, its level and why."""

    risk: RiskLevel
    level: int  # 0 run at once · 1 requester confirms · 2 a second person · 3 two persons, step by step
    reasons: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class _Table:
    """risk_levels.json, read once: what does not hang on a plan is made beforehand."""

    production: frozenset[str]
    criticality: Mapping[str, int]  # word → rank
    effect: Mapping[Effect, RiskPart]
    floor: Mapping[RiskLevel, RiskPart]
    environment: Mapping[Effect, tuple[RiskPart, ...]]
    blast_radius: tuple[tuple[int, int, RiskPart], ...]  # so many targets of at least that rank
    levels: Sequence[Mapping[str, Any]]
    policy: Sequence[Mapping[str, Any]]


@cache
def _table() -> _Table:
    table: Mapping[str, Any] = json.loads(files("opsconductor.domain").joinpath("risk_levels.json").read_text("utf-8"))
    ranks = {word: rank for rank, word in enumerate(table["criticality"])}
    return _Table(
        production=frozenset(table["production"]),
        criticality=ranks,
        effect={
            effect: RiskPart(
                source="effect",
                risk=RiskLevel(table["effect_risk"][effect.value]),
                because=f"its effect is {effect.value}",
            )
            for effect in Effect
        },
        floor={risk: RiskPart(source="catalogue", risk=risk, because="the catalogue says so") for risk in RiskLevel},
        environment={
            effect: tuple(
                _part("environment", row) for row in table["environment_risk"] if row["effect"] == effect.value
            )
            for effect in Effect
        },
        blast_radius=tuple(
            (row["targets"], ranks[row["criticality"]], _part("blast radius", row)) for row in table["blast_radius"]
        ),
        levels=table["levels"],
        policy=table["policy"],
    )


def is_production(environment: str) -> bool:
    """True when a whole word of `environment` means production; `reproduction-lab` does not."""
    return not _table().production.isdisjoint(re.split(r"[^a-z0-9]+", environment.lower()))


def criticality_rank(word: str) -> int:
    """0 for low to 2 for high; an unknown word counts as above the highest: fail closed."""
    ranks = _table().criticality
    return ranks.get(word, len(ranks))


def highest_criticality(targets: Iterable[PlannedTarget]) -> str:
    """The highest criticality of the targets; the lowest there is without any."""
    words = [target.criticality for target in targets]
    return max(words, key=criticality_rank, default=next(iter(_table().criticality)))


def risk_parts(
    effect: Effect, floor: RiskLevel, targets: Sequence[PlannedTarget] = (), rules: Iterable[RiskPart] = ()
) -> tuple[RiskPart, ...]:
    """Everything that gives one step its risk: effect, the catalogue's floor, its rules, environment, blast radius."""
    table = _table()
    always = (table.effect[effect], table.floor[floor], *rules)
    if effect is Effect.READ:
        return always
    return (*always, *_environment_parts(effect, targets), *_blast_parts(targets))


def highest(parts: Iterable[RiskPart]) -> RiskLevel:
    """The risk that the parts come to; low when there are none."""
    return max([part.risk for part in parts], key=_rank, default=RiskLevel.LOW)


def assess(steps: Sequence[PlanStep]) -> RiskVerdict:
    """Risk and approval level of a whole plan; the highest matching row of the table decides.

    Effect, environment and blast radius are looked at over all steps together, whatever the steps' own risk says.
    """
    own = [part for step in steps for part in risk_parts(Effect(step.effect), RiskLevel(step.risk), step.targets)]
    wider = [*(part for part in own if part.source == "environment"), *_blast_parts(_changed(steps))]
    risk = highest([*own, *wider])
    facts = _facts(steps, risk)
    rows = [row for row in _table().levels if facts[row["when"]]]
    why = [part.because for part in wider if part.risk is risk and risk.rank >= RiskLevel.HIGH.rank]
    reasons = [*(row["because"] for row in rows), *why] or ["it only reads"]
    level = max((row["level"] for row in rows), default=0)
    return RiskVerdict(risk=risk, level=level, reasons=tuple(dict.fromkeys(reasons)))


def policy_level(steps: Sequence[PlanStep], *layers: Mapping[str, Json]) -> tuple[int, tuple[str, ...]]:
    """The least level that settings ask for, and why; of several layers the strictest counts, so none lowers another.

    A setting that is no level from 0 to 3 asks for the highest.
    """
    asked = []
    for row in _table().policy:
        level = max([_level(layer[row["setting"]]) for layer in layers if row["setting"] in layer], default=0)
        if level and _facts(steps, RiskLevel.LOW)[row["when"]]:
            asked.append((level, row["because"].format(level=level)))
    level = max((one for one, _ in asked), default=0)
    return level, tuple(words for one, words in asked if one == level)


def blast_radius(steps: Sequence[PlanStep], dependents: int) -> BlastRadius:
    """How far a plan reaches: every target counts, those that are only read too."""
    targets = {target.asset_id: target for step in steps for target in step.targets}
    return BlastRadius(targets=len(targets), criticality=highest_criticality(targets.values()), dependents=dependents)


def _level(setting: Json) -> int:
    known = isinstance(setting, int) and not isinstance(setting, bool) and 0 <= setting <= HIGHEST_LEVEL
    return setting if known and isinstance(setting, int) else HIGHEST_LEVEL


def _changing(steps: Iterable[PlanStep]) -> list[PlanStep]:
    return [step for step in steps if step.effect != Effect.READ]


def _changed(steps: Iterable[PlanStep]) -> tuple[PlannedTarget, ...]:
    """Each changed asset once, as critical as any step says it is."""
    named = [target for step in _changing(steps) for target in step.targets]
    by_rank = sorted(named, key=lambda target: criticality_rank(target.criticality))
    return tuple({target.asset_id: target for target in by_rank}.values())


def _environment_parts(effect: Effect, targets: Iterable[PlannedTarget]) -> tuple[RiskPart, ...]:
    if not any(is_production(target.environment) for target in targets):
        return ()
    return _table().environment[effect]


def _blast_parts(changed: Sequence[PlannedTarget]) -> tuple[RiskPart, ...]:
    """Targets times criticality: each row counts the targets that are at least as critical as it says."""
    ranks = [criticality_rank(target.criticality) for target in changed]
    return tuple(
        [part for targets, least, part in _table().blast_radius if sum([rank >= least for rank in ranks]) >= targets]
    )


def _part(source: str, row: Mapping[str, Any]) -> RiskPart:
    return RiskPart(source=source, risk=RiskLevel(row["risk"]), because=row["because"])


def _rank(risk: RiskLevel) -> int:
    return risk.rank


def _facts(steps: Sequence[PlanStep], risk: RiskLevel) -> Mapping[str, bool]:
    changing = _changing(steps)
    production = [step for step in changing if any(is_production(target.environment) for target in step.targets)]
    return {
        "irreversible": any(step.effect == Effect.IRREVERSIBLE for step in changing),
        "risk_critical": risk is RiskLevel.CRITICAL,
        "several_changing_steps": len(changing) > 1,
        "several_changed_targets": len(_changed(steps)) > 1,
        "compensatable_on_production": any(step.effect == Effect.COMPENSATABLE for step in production),
        "risk_high": risk is RiskLevel.HIGH,
        "changing": bool(changing),
        "changing_production": bool(production),
        "outside_inventory": any(step.outside_inventory for step in steps),
    }
