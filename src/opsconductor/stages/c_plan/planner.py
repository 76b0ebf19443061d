"""Freezes selected tools into PlanV1: a directed acyclic graph of steps whose digest names it."""

from collections.abc import Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from math import ceil

from opsconductor.domain.assets import Asset
from opsconductor.domain.catalogue import Catalogue, Effect, RiskLevel, Tool
from opsconductor.domain.errors import BadInput
from opsconductor.domain.json_value import Json
from opsconductor.domain.plan import (
    READS_AT_ONCE,
    BlastRadius,
    PlannedTarget,
    PlanStep,
    PlanV1,
    plan_content,
    planned_target,
)
from opsconductor.domain.risk import assess, step_risk
from opsconductor.domain.selection import SelectedTool, SelectionV1
from opsconductor.ports.canonical import digest
from opsconductor.ports.inventory import Inventory
from opsconductor.stages.c_plan.limits import execution_timeout_s, step_timeout_s
from opsconductor.stages.c_plan.preview import check_addresses, request_preview

CRITICALITY_ORDER = ("low", "medium", "high")


class Plan:
    """Stage C. Knows the catalogue and the inventory; never sees a tool's output."""

    def __init__(self, inventory: Inventory) -> None:
        self._inventory = inventory

    async def run(self, tenant: str, catalogue: Catalogue, selection: SelectionV1) -> PlanV1:
        """The frozen plan of a ready selection.

        Raises `plan.invalid` for a cycle or an unknown tool, `gate.no_target_matched` when a target is gone,
        `gate.too_many_targets`, `plan.unhashable`, `connector.forbidden_address`.
        """
        ids = [asset_id for tool in selection.tools for asset_id in tool.targets]
        assets = await self._inventory.assets(tenant, sorted(set(ids))) if ids else ()
        known = {asset.asset_id: asset for asset in assets}
        revision = (await self._inventory.vocabulary(tenant)).revision
        steps = tuple(
            _step(f"step_{number}", catalogue, selected, known)
            for number, selected in enumerate(selection.tools, start=1)
        )
        return _plan(steps, _ordered(steps), catalogue, revision)


def _step(step_id: str, catalogue: Catalogue, selected: SelectedTool, known: Mapping[str, Asset]) -> PlanStep:
    tool = catalogue.tools.get(selected.name)
    if tool is None:
        raise BadInput("plan.invalid", f"There is no tool named {selected.name}.")
    targets = _targets(tool, selected.targets, known)
    inputs: dict[str, Json] = {key: _whole(value) for key, value in selected.inputs.items()}
    check_addresses(tool, inputs)
    return PlanStep(
        step_id=step_id,
        description=_description(tool, targets),
        tool=tool.name,
        tool_digest=tool.digest,
        inputs=inputs,
        targets=targets,
        depends_on=selected.depends_on,
        preconditions=tuple(criterion.expression for criterion in tool.preconditions),
        success_criteria=tuple(criterion.expression for criterion in tool.success),
        probe=tool.probe is not None,
        undo=tool.undo,
        estimate_ms=round(tool.estimate_s * 1000) * _rounds(tool, len(targets)),
        timeout_ms=round(step_timeout_s(tool.timeout_class) * 1000),
        effect=tool.effect.value,
        risk=step_risk(tool.effect, tool.risk, _argument_risk(tool, targets)).value,
        outside_inventory=_outside_inventory(tool, inputs, targets),
        credential_ref=_credential(tool, targets, known),
        connector=tool.connector,
        request=request_preview(tool, inputs, targets),
    )


def _rounds(tool: Tool, targets: int) -> int:
    """How many times the estimate of one target passes: reads go to several at once, changes to one after the other."""
    return max(1, ceil(targets / READS_AT_ONCE) if tool.effect is Effect.READ else targets)


def _targets(tool: Tool, asset_ids: Sequence[str], known: Mapping[str, Asset]) -> tuple[PlannedTarget, ...]:
    if tool.targets_input and not asset_ids:
        raise BadInput(
            "gate.empty_selector", f"{tool.name} needs at least one target; an empty selection is never all."
        )
    missing = [asset_id for asset_id in asset_ids if asset_id not in known]
    if missing:
        raise BadInput("gate.no_target_matched", "A target is no longer in the inventory.", asset_id=missing[0])
    if len(asset_ids) > tool.max_targets:
        raise BadInput(
            "gate.too_many_targets",
            f"{tool.name} takes at most {tool.max_targets} targets at once; {len(asset_ids)} were named.",
        )
    return tuple(planned_target(known[asset_id]) for asset_id in dict.fromkeys(asset_ids))


def _whole(value: Json) -> Json:
    """Numbers without a fraction become integers, since only those can be hashed."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _argument_risk(tool: Tool, targets: Sequence[PlannedTarget]) -> tuple[RiskLevel, ...]:
    """A change on an asset of high criticality is high risk, whatever the tool says of itself."""
    if tool.effect is not Effect.READ and any(target.criticality == "high" for target in targets):
        return (RiskLevel.HIGH,)
    return ()


def _outside_inventory(tool: Tool, inputs: Mapping[str, Json], targets: Sequence[PlannedTarget]) -> bool:
    """An address that a person typed, rather than an asset of the inventory."""
    properties = tool.inputs.get("properties")
    names = properties if isinstance(properties, Mapping) else {}
    addressed = [
        name for name, spec in names.items() if isinstance(spec, Mapping) and spec.get("x-entity") in ADDRESSES
    ]
    return not targets and any(name in inputs for name in addressed)


ADDRESSES = ("url", "ip")
"""x-entity kinds that name an address directly."""


def _credential(tool: Tool, targets: Sequence[PlannedTarget], known: Mapping[str, Asset]) -> str:
    if tool.credential != "target":
        return tool.credential
    references = {str(known[target.asset_id].connection.get("credential_ref", "")) for target in targets}
    return ",".join(sorted(references - {""}))


def _description(tool: Tool, targets: Sequence[PlannedTarget]) -> str:
    first = tool.description.split(". ")[0].rstrip(".")
    if not targets:
        return first
    names = ", ".join(target.name for target in targets[:5])
    more = f" and {len(targets) - 5} more" if len(targets) > 5 else ""
    return f"{first} ({names}{more})"


def _ordered(steps: Sequence[PlanStep]) -> tuple[PlanStep, ...]:
    """The steps, each after all that it depends on. Raises `plan.invalid` where there is no such order."""
    by_id = {step.step_id: step for step in steps}
    unknown = [name for step in steps for name in step.depends_on if name not in by_id]
    if unknown:
        raise BadInput("plan.invalid", f"A step depends on {unknown[0]}, which is not in the plan.")
    try:
        sorter = TopologicalSorter({step.step_id: step.depends_on for step in steps})
        return tuple([by_id[step_id] for step_id in sorter.static_order()])
    except CycleError as error:
        raise BadInput("plan.invalid", "The plan's steps depend on each other in a circle.") from error


STRICTER = "its tool asks for more where the address is not in the inventory"


def _plan(steps: tuple[PlanStep, ...], ordered: tuple[PlanStep, ...], catalogue: Catalogue, revision: int) -> PlanV1:
    verdict = assess(steps)
    stricter = max(
        (catalogue.tools[step.tool].outside_inventory_level for step in steps if step.outside_inventory), default=0
    )
    plan_digest = digest(plan_content(steps))
    targets = {target.asset_id: target for step in steps for target in step.targets}
    criticality = max(
        (target.criticality for target in targets.values()), key=_criticality_rank, default=CRITICALITY_ORDER[0]
    )
    return PlanV1(
        plan_id="plan_" + plan_digest.removeprefix("sha256:")[:32],
        plan_digest=plan_digest,
        steps=steps,
        estimate_s=_critical_path_ms(ordered) / 1000,
        timeout_s=execution_timeout_s(catalogue, steps),
        risk=verdict.risk.value,
        risk_reasons=(*verdict.reasons, STRICTER) if stricter > verdict.level else verdict.reasons,
        approval_level=max(verdict.level, stricter),
        blast_radius=BlastRadius(targets=len(targets), criticality=criticality),
        strategy="simple" if len(steps) == 1 else "sequential",
        predicted_changes=tuple(
            f"{step.tool} on {target.name}" for step in steps if step.effect != "read" for target in step.targets
        ),
        inventory_revision=revision,
    )


def _criticality_rank(word: str) -> int:
    """An unknown word counts as the highest: fail closed."""
    return CRITICALITY_ORDER.index(word) if word in CRITICALITY_ORDER else len(CRITICALITY_ORDER)


def _critical_path_ms(ordered: Sequence[PlanStep]) -> int:
    finish: dict[str, int] = {}
    for step in ordered:
        finish[step.step_id] = step.estimate_ms + max((finish[name] for name in step.depends_on), default=0)
    return max(finish.values(), default=0)
