"""Freezes selected tools into PlanV1: a directed acyclic graph of steps whose digest names it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from opsconductor.domain.assets import Asset
from opsconductor.domain.catalogue import Catalogue, RiskLevel
from opsconductor.domain.plan import BlastRadius, PlanStep, PlanV1, plan_content
from opsconductor.domain.risk import RiskPart, assess, blast_radius
from opsconductor.domain.selection import SelectionV1
from opsconductor.ports.canonical import digest
from opsconductor.ports.expressions import Expressions
from opsconductor.ports.inventory import Inventory
from opsconductor.stages.c_plan.dependents import count_dependents
from opsconductor.stages.c_plan.limits import execution_timeout_s
from opsconductor.stages.c_plan.rollout import critical_path_ms, ordered, strategy_of
from opsconductor.stages.c_plan.steps import planned_step

STRICTER = "its tool asks for more where the address is not in the inventory"


@dataclass(frozen=True, kw_only=True)
class ExplainedPlan:
    """A plan, and what it was judged by: its targets as they are, and by step everything that gave it its risk."""

    plan: PlanV1
    risks: Mapping[str, tuple[RiskPart, ...]]
    assets: tuple[Asset, ...] = ()


class Plan:
    """Stage C. Knows the catalogue and the inventory; never sees a tool's output."""

    def __init__(self, inventory: Inventory, expressions: Expressions) -> None:
        self._inventory = inventory
        self._expressions = expressions

    async def run(self, tenant: str, catalogue: Catalogue, selection: SelectionV1) -> PlanV1:
        """The frozen plan of a ready selection.

        Raises `plan.invalid` for a cycle or an unknown tool, `gate.no_target_matched` when a target is gone,
        `gate.too_many_targets`, `plan.unhashable`, `connector.forbidden_address`.
        """
        return (await self.explained(tenant, catalogue, selection)).plan

    async def explained(self, tenant: str, catalogue: Catalogue, selection: SelectionV1) -> ExplainedPlan:
        """The same with its targets and the parts of its risk."""
        ids = [asset_id for tool in selection.tools for asset_id in tool.targets]
        assets = await self._inventory.assets(tenant, sorted(set(ids))) if ids else ()
        known = {asset.asset_id: asset for asset in assets}
        revision = (await self._inventory.vocabulary(tenant)).revision
        made = [
            await planned_step(f"step_{number}", catalogue, selected, known, self._expressions)
            for number, selected in enumerate(selection.tools, start=1)
        ]
        steps = tuple(step for step, _ in made)
        in_order = ordered(steps)
        reach = blast_radius(steps, await count_dependents(self._inventory, tenant, steps, assets))
        risks = {step.step_id: parts for step, parts in made}
        plan = _plan(steps, in_order, catalogue, revision, reach, _because(risks))
        return ExplainedPlan(plan=plan, risks=risks, assets=tuple(assets))


def _because(risks: Mapping[str, Sequence[RiskPart]]) -> tuple[str, ...]:
    """What a tool's rules and its undo add beyond the tool's effect and floor."""
    return tuple(
        part.because
        for parts in risks.values()
        for part in parts
        if part.source in ("rule", "undo") and part.risk.rank > _plain(parts).rank
    )


def _plain(parts: Sequence[RiskPart]) -> RiskLevel:
    return max((part.risk for part in parts if part.source in ("effect", "catalogue")), key=lambda risk: risk.rank)


def _plan(
    steps: tuple[PlanStep, ...],
    in_order: tuple[PlanStep, ...],
    catalogue: Catalogue,
    revision: int,
    reach: BlastRadius,
    because: tuple[str, ...],
) -> PlanV1:
    verdict = assess(steps)
    stricter = max(
        (catalogue.tools[step.tool].outside_inventory_level for step in steps if step.outside_inventory), default=0
    )
    reasons = (*verdict.reasons, *because, *([STRICTER] if stricter > verdict.level else []))
    plan_digest = digest(plan_content(steps))
    strategy = strategy_of(in_order)
    return PlanV1(
        plan_id="plan_" + plan_digest.removeprefix("sha256:")[:32],
        plan_digest=plan_digest,
        steps=steps,
        estimate_s=critical_path_ms(in_order, strategy) / 1000,
        timeout_s=execution_timeout_s(catalogue, steps),
        risk=verdict.risk.value,
        risk_reasons=tuple(dict.fromkeys(reasons)),
        approval_level=max(verdict.level, stricter),
        blast_radius=reach,
        strategy=strategy,
        canary=any(step.canary for step in steps),
        predicted_changes=tuple(
            f"{step.tool} on {target.name}" for step in steps if step.effect != "read" for target in step.targets
        ),
        inventory_revision=revision,
    )
