"""What a plan would send, step by step and target by target. Nothing is sent."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from opsconductor.domain.assets import Asset
from opsconductor.domain.catalogue import Catalogue, Effect, Tool
from opsconductor.domain.commands import PlannedCommand
from opsconductor.domain.errors import OpsConductorError
from opsconductor.domain.json_value import Json
from opsconductor.domain.plan import PlannedTarget, PlanStep, PlanV1
from opsconductor.ports.inventory import Inventory
from opsconductor.stages.e_execute.steps.calls import ToolCalls
from opsconductor.stages.e_execute.steps.redaction import REDACTED
from opsconductor.stages.e_execute.steps.undoing import undo_step, verify_step
from opsconductor.stages.e_execute.steps.variables import refers

LATER = "A value of an earlier step is filled in when it is known."
BEFORE = "What was read before the step is filled in."


class DryRun:
    """Asks the connectors what they would send; reads the inventory and nothing else."""

    def __init__(self, calls: ToolCalls, inventory: Inventory) -> None:
        self._calls = calls
        self._inventory = inventory

    async def commands(self, tenant: str, plan: PlanV1, catalogue: Catalogue) -> tuple[PlannedCommand, ...]:
        """Every call of the plan in its order, with what reads back, verifies and undoes it. Raises `inventory.*`."""
        ids = sorted({target.asset_id for step in plan.steps for target in step.targets})
        found = await self._inventory.assets(tenant, ids) if ids else ()
        assets = {asset.asset_id: asset for asset in found}
        return tuple(
            command
            for step in plan.steps
            for target in step.targets or (None,)
            for command in self._of_target(tenant, step, catalogue, target, assets)
        )

    def _of_target(
        self,
        tenant: str,
        step: PlanStep,
        catalogue: Catalogue,
        target: PlannedTarget | None,
        assets: Mapping[str, Asset],
    ) -> Iterator[PlannedCommand]:
        tool = catalogue.tools.get(step.tool)
        asset = assets.get(target.asset_id) if target is not None else None
        if tool is None or (target is not None and asset is None):
            gone = step.tool if tool is None else target.name if target is not None else ""
            yield replace(_command(step, step, "run", target), note=f"{gone} is not there any more.")
            return
        note = LATER if any(refers(value) for value in step.inputs.values()) else ""
        plain = replace(step, inputs={name: _shown(name, value, tool) for name, value in step.inputs.items()})
        yield self._call(tenant, step, plain, tool, "run", target, asset, note)
        if tool.probe is not None and tool.effect is not Effect.READ:
            request = self._calls.preview(tenant, plain, tool, asset, tool.probe.run)
            yield replace(_command(step, step, "read_back", target), request=request)
        looks = catalogue.tools.get(step.verify)
        if looks is not None:
            looking = verify_step(plain, looks, ())
            yield self._call(tenant, step, looking, looks, "verify", target, asset, "")
        undoes = catalogue.tools.get(step.undo)
        if undoes is not None and undoes.effect is not Effect.READ:
            unread = _unread(step)
            try:
                undoing = undo_step(plain, catalogue, target, unread)
            except OpsConductorError as error:
                yield replace(_command(step, step, "undo", target), tool=step.undo, note=error.message)
                return
            yield self._call(tenant, step, undoing, undoes, "undo", target, asset, BEFORE if unread else "")

    def _call(
        self,
        tenant: str,
        step: PlanStep,
        made: PlanStep,
        tool: Tool,
        purpose: str,
        target: PlannedTarget | None,
        asset: Asset | None,
        note: str,
    ) -> PlannedCommand:
        request = self._calls.preview(tenant, made, tool, asset)
        return replace(_command(step, made, purpose, target), connector=tool.connector, request=request, note=note)


def _unread(step: PlanStep) -> dict[str, Json]:
    """The reading before as the step's undo asks for it, while nobody has read: each field stands for itself."""
    wanted = [
        value["before"] for value in step.undo_inputs.values() if isinstance(value, Mapping) and "before" in value
    ]
    return {str(name): f"<{name} before>" for name in wanted}


def _shown(name: str, value: Json, tool: Tool) -> Json:
    if name in tool.redact:
        return REDACTED
    if isinstance(value, Mapping) and refers(value):
        return f"<{value['field']} of {value['from']}>"
    return value


def _command(step: PlanStep, made: PlanStep, purpose: str, target: PlannedTarget | None) -> PlannedCommand:
    return PlannedCommand(
        step_id=step.step_id,
        purpose=purpose,
        tool=made.tool,
        target=target.name if target is not None else "",
        connector=step.connector,
    )
