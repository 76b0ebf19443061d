"""From a chosen candidate to the selected tools of SelectionV1, with inputs that their schemas take."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from opsconductor.domain.catalogue import Tool, ToolRun
from opsconductor.domain.json_value import Json
from opsconductor.domain.selection import SelectedTool
from opsconductor.ports.schema import Schemas
from opsconductor.stages.b_select.candidates import Candidate
from opsconductor.stages.b_select.slots import Filled


def without_faults(schemas: Schemas, tool: Tool, filled: Filled) -> Filled:
    """`filled` without inputs that the schema refuses; a required one of them counts as missing again."""
    wrong = {fault.path.split(".")[0] for fault in schemas.faults(tool.inputs_without_target, filled.inputs)}
    if not wrong:
        return filled
    kept = {name: value for name, value in filled.inputs.items() if name not in wrong}
    lost = [name for name in tool.required if name in filled.inputs and name not in kept]
    return replace(filled, inputs=kept, missing=(*filled.missing, *lost))


def selected_tools(chosen: Sequence[Candidate]) -> tuple[tuple[Tool, ...], tuple[SelectedTool, ...]]:
    """The tools in order and their selections; each one waits for the one before it.

    A tool whose call names its target in words is selected once a target; any other runs on all of them.
    """
    tools: list[Tool] = []
    selected: list[SelectedTool] = []
    before: tuple[str, ...] = ()
    for candidate in chosen:
        first = len(selected) + 1
        for inputs, targets in _runs(candidate):
            tools.append(candidate.tool)
            selected.append(
                SelectedTool(
                    name=candidate.tool.name,
                    reason=candidate.reason,
                    inputs=inputs,
                    targets=targets,
                    missing=candidate.missing,
                    depends_on=before,
                )
            )
        before = tuple(f"step_{number}" for number in range(first, len(selected) + 1))
    return tuple(tools), tuple(selected)


def _runs(candidate: Candidate) -> list[tuple[Mapping[str, Json], tuple[str, ...]]]:
    tool, assets = candidate.tool, candidate.reach.assets
    ids = tuple(asset.asset_id for asset in assets)
    if not tool.targets_input:
        return [(candidate.filled.inputs, ())]
    if len(assets) == 1 or (assets and names_its_target(tool.run, tool.targets_input)):
        return [({**candidate.filled.inputs, tool.targets_input: asset.name}, (asset.asset_id,)) for asset in assets]
    return [(candidate.filled.inputs, ids)]


def names_its_target(run: ToolRun, target: str) -> bool:
    """Whether the call itself holds the target's input, so that it differs from target to target."""
    return _holds(list(run.argv), target) or _holds(run.http, target)


def _holds(value: Any, target: str) -> bool:
    if isinstance(value, Mapping):
        return value.get("input") == target or any(_holds(one, target) for one in value.values())
    return isinstance(value, list | tuple) and any(_holds(one, target) for one in value)
