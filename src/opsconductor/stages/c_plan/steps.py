"""One selected tool as a step of a plan: resolved targets, frozen inputs, risk, rollout, and what it would send."""

from collections.abc import Mapping, Sequence

from opsconductor.domain.assets import Asset
from opsconductor.domain.catalogue import Catalogue, Effect, Tool
from opsconductor.domain.errors import BadInput
from opsconductor.domain.json_value import Json
from opsconductor.domain.plan import PlannedTarget, PlanStep, planned_target
from opsconductor.domain.risk import RiskPart, highest, risk_parts
from opsconductor.domain.selection import SelectedTool
from opsconductor.ports.expressions import Expressions
from opsconductor.stages.c_plan.estimates import estimate_ms
from opsconductor.stages.c_plan.limits import step_timeout_s
from opsconductor.stages.c_plan.preview import check_addresses, request_preview
from opsconductor.stages.c_plan.risk_rules import rule_parts, undo_parts
from opsconductor.stages.c_plan.rollout import batch_of, canary_of, concurrency_of

VARIABLE = "from"
"""The key of an input that takes its value from an earlier step."""


async def planned_step(
    step_id: str,
    catalogue: Catalogue,
    selected: SelectedTool,
    known: Mapping[str, Asset],
    expressions: Expressions,
) -> tuple[PlanStep, tuple[RiskPart, ...]]:
    """The step, and everything that gives it its risk.

    Raises `plan.invalid`, `gate.empty_selector`, `gate.no_target_matched`, `gate.too_many_targets`, `scope.no_tool`
    for a target of a platform that the tool does not work on, `connector.forbidden_address`.
    """
    tool = catalogue.tools.get(selected.name)
    if tool is None:
        raise BadInput("plan.invalid", f"There is no tool named {selected.name}.")
    targets = _targets(tool, selected.targets, known)
    inputs: dict[str, Json] = {key: _whole(value) for key, value in selected.inputs.items()}
    check_addresses(tool, inputs)
    if tool.effect is not Effect.READ and _has_variable(inputs):
        words = f"{tool.name} changes something, so its inputs have to be known before it is approved."
        raise BadInput("plan.invalid", words)
    assets = [known[target.asset_id] for target in targets]
    rules = await rule_parts(expressions, tool, inputs, assets)
    risks = risk_parts(tool.effect, tool.risk, targets, (*rules, *undo_parts(catalogue, tool)))
    lasts_ms = await estimate_ms(expressions, catalogue, tool, inputs, len(targets))
    return _frozen(step_id, tool, selected, inputs, targets, assets, risks, lasts_ms), risks


def _frozen(
    step_id: str,
    tool: Tool,
    selected: SelectedTool,
    inputs: Mapping[str, Json],
    targets: tuple[PlannedTarget, ...],
    assets: Sequence[Asset],
    risks: tuple[RiskPart, ...],
    lasts_ms: int,
) -> PlanStep:
    may_repeat = tool.effect in (Effect.READ, Effect.IDEMPOTENT)
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
        on_failure=tool.on_failure,
        probe=tool.probe is not None,
        undo=tool.undo,
        undo_inputs=tool.undo_inputs,
        left=selected.left,
        verify=tool.verify,
        canary=canary_of(tool, len(targets)),
        batch=batch_of(tool, len(targets)),
        concurrency=concurrency_of(tool),
        retries=tool.retries if may_repeat else 0,
        retry_pause_ms=round(tool.retry_pause_s * 1000) if may_repeat and tool.retries else 0,
        estimate_ms=lasts_ms,
        timeout_ms=round(step_timeout_s(tool.timeout_class) * 1000),
        effect=tool.effect.value,
        risk=highest(risks).value,
        outside_inventory=_outside_inventory(tool, inputs, targets),
        credential_ref=_credential(tool, assets),
        connector=tool.connector,
        request=request_preview(tool, inputs, targets),
    )


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
    unfit = [known[asset_id] for asset_id in asset_ids if known[asset_id].platform not in tool.platforms]
    if tool.platforms and unfit:
        runs = f"{unfit[0].name} runs {unfit[0].platform or 'an unknown system'}"
        raise BadInput("scope.no_tool", f"{tool.name} works on {' and '.join(tool.platforms)}; {runs}.")
    return tuple(planned_target(known[asset_id]) for asset_id in dict.fromkeys(asset_ids))


def _whole(value: Json) -> Json:
    """Numbers without a fraction become integers, since only those can be hashed."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _has_variable(value: Json) -> bool:
    """Whether a value comes from an earlier step: a write is frozen with what it will do (safety §2.2)."""
    if isinstance(value, Mapping):
        return VARIABLE in value or any(_has_variable(one) for one in value.values())
    return isinstance(value, list | tuple) and any(_has_variable(one) for one in value)


def _outside_inventory(tool: Tool, inputs: Mapping[str, Json], targets: Sequence[PlannedTarget]) -> bool:
    """An address that a person typed, rather than an asset of the inventory."""
    return not targets and any(name in inputs for name in tool.address_inputs)


def _credential(tool: Tool, assets: Sequence[Asset]) -> str:
    if tool.credential != "target":
        return tool.credential
    references = {str(asset.connection.get("credential_ref", "")) for asset in assets}
    return ",".join(sorted(references - {""}))


def _description(tool: Tool, targets: Sequence[PlannedTarget]) -> str:
    first = tool.description.split(". ")[0].rstrip(".")
    if not targets:
        return first
    names = ", ".join(target.name for target in targets[:5])
    more = f" and {len(targets) - 5} more" if len(targets) > 5 else ""
    return f"{first} ({names}{more})"
