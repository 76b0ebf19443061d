"""An edited plan: the same tools with other inputs, checked and resolved as if they had been asked for in words."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from opsconductor.domain.catalogue import Catalogue, Tool
from opsconductor.domain.errors import BadInput, NotFound
from opsconductor.domain.json_value import Json
from opsconductor.domain.plan import PlanStep, PlanV1
from opsconductor.domain.selection import SelectedTool, SelectionV1
from opsconductor.ports.inventory import Inventory
from opsconductor.ports.schema import Schemas

Replan = Callable[[SelectionV1], Awaitable[PlanV1]]
"""Stage C: freezes a selection anew, with targets and risk as they are now."""

Changes = Mapping[str, Mapping[str, Json]]


class Editing:
    """Turns a frozen plan and a person's changes into the selection that stage C plans anew."""

    def __init__(self, schemas: Schemas, inventory: Inventory) -> None:
        self._schemas = schemas
        self._inventory = inventory

    async def selection(self, tenant: str, catalogue: Catalogue, plan: PlanV1, changes: Changes) -> SelectionV1:
        """The plan's steps with the changed inputs.

        Raises `request.invalid` for no change, an unknown step or input, and a value that the tool's schema refuses,
        `asset.not_found` for a target that is none, `plan.invalid` for a tool that is gone, `inventory.*`.
        """
        steps = {step.step_id: step for step in plan.steps}
        unknown = [step_id for step_id in changes if step_id not in steps]
        if unknown or not any(changes.values()):
            known = ", ".join(steps)
            words = f"There is no step {unknown[0]}; there is {known}." if unknown else "Name an input to change."
            raise BadInput("request.invalid", words, field="changes")
        tools = []
        for step in plan.steps:
            tool = catalogue.tools.get(step.tool)
            if tool is None:
                raise BadInput("plan.invalid", f"The tool {step.tool} is no longer in the catalogue.")
            tools.append(await self._selected(tenant, tool, step, changes.get(step.step_id, {})))
        if all(_is_same(tool, step) for tool, step in zip(tools, plan.steps, strict=True)):
            raise BadInput("request.invalid", "The plan has these inputs already; nothing was changed.")
        return SelectionV1(selection_id="edited", tools=tuple(tools))

    async def _selected(self, tenant: str, tool: Tool, step: PlanStep, changes: Mapping[str, Json]) -> SelectedTool:
        declared = _properties(tool)
        for name in changes:
            if name not in declared:
                known = ", ".join(declared) or "none"
                raise BadInput(
                    "request.invalid", f"{step.step_id}: {tool.name} has no input {name}; it has {known}.", field=name
                )
        inputs = {**step.inputs, **{name: _typed(declared[name], value) for name, value in changes.items()}}
        targets = tuple(target.asset_id for target in step.targets)
        if tool.targets_input in changes:
            targets, name = await self._resolved(tenant, step, inputs.pop(tool.targets_input))
            if name:
                inputs[tool.targets_input] = name
        self._check(tool, step, inputs)
        return SelectedTool(
            name=tool.name,
            reason="edited",
            inputs=inputs,
            targets=targets,
            depends_on=step.depends_on,
            left=step.left if targets == tuple(target.asset_id for target in step.targets) else "",
        )

    async def _resolved(self, tenant: str, step: PlanStep, value: Json) -> tuple[tuple[str, ...], str]:
        """The asset ids that names stand for, and the name where it is one. Only exact names: nothing is guessed."""
        listed = value if isinstance(value, (list, tuple)) else str(value).split(",")
        names = [str(item).strip() for item in listed if str(item).strip()]
        if not names:
            raise BadInput("gate.empty_selector", f"{step.step_id} needs at least one target.")
        mentions = await self._inventory.resolve(tenant, names)
        ids: dict[str, str] = {}
        for name in names:
            exact = [
                match
                for mention in mentions
                if mention.text.lower() == name.lower()
                for match in mention.matches
                if match.exact and match.name.lower() == name.lower()
            ]
            if len({match.asset_id for match in exact}) != 1:
                words = "stands for several assets" if exact else "is no asset of the inventory"
                raise NotFound("asset.not_found", f"{step.step_id}: {name} {words}.")
            ids[exact[0].asset_id] = exact[0].name
        return tuple(ids), next(iter(ids.values())) if len(ids) == 1 else ""

    def _check(self, tool: Tool, step: PlanStep, inputs: Mapping[str, Json]) -> None:
        """The target itself has been resolved by the inventory, not by the schema's pattern."""
        whole = {tool.targets_input: "", **inputs} if tool.targets_input else dict(inputs)
        found = [
            fault
            for fault in self._schemas.faults(tool.inputs, whole)
            if not tool.targets_input or fault.path.split(".")[0] != tool.targets_input
        ]
        if found:
            where = f"{step.step_id}.{found[0].path}" if found[0].path else step.step_id
            raise BadInput("request.invalid", f"{where}: {found[0].message.rstrip('.')}.", field=where)


def _is_same(tool: SelectedTool, step: PlanStep) -> bool:
    return dict(tool.inputs) == dict(step.inputs) and tool.targets == tuple(one.asset_id for one in step.targets)


def _properties(tool: Tool) -> dict[str, Mapping[str, Any]]:
    declared = tool.inputs.get("properties")
    items = declared.items() if isinstance(declared, Mapping) else ()
    return {name: spec for name, spec in items if isinstance(spec, Mapping)}


def _typed(spec: Mapping[str, Any], value: Json) -> Json:
    """Text as it comes from a command line, as the type that the schema asks for; all else stays as it is."""
    if not isinstance(value, str):
        return value
    wanted, text = spec.get("type"), value.strip()
    if wanted == "integer" and text.lstrip("-").isdecimal():
        return int(text)
    if wanted == "boolean" and text.lower() in ("true", "false"):
        return text.lower() == "true"
    if wanted == "array":
        return [part.strip() for part in text.split(",") if part.strip()]
    return value
