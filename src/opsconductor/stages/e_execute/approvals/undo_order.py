"""What an order to undo an execution comes to: tools that take its changes back, newest first, or why there are none.

Nothing is run here but reads: the tools' own probes look whether each target is still as the step left it.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from opsconductor.domain.assets import Asset
from opsconductor.domain.catalogue import Catalogue, Effect, Tool
from opsconductor.domain.errors import Conflict, Refused
from opsconductor.domain.execution import Execution, StepResult, StepStatus
from opsconductor.domain.json_value import Json
from opsconductor.domain.plan import PlannedTarget, PlanStep, planned_target, reading_digest
from opsconductor.domain.selection import SelectedTool
from opsconductor.domain.states import TERMINAL
from opsconductor.domain.step_ids import planned_id
from opsconductor.domain.tool_arguments import filled, filled_argv
from opsconductor.ports.inventory import Inventory
from opsconductor.ports.storage import Storage
from opsconductor.stages.e_execute.steps.attempts import newest
from opsconductor.stages.e_execute.steps.probing import Prober
from opsconductor.stages.e_execute.steps.undoing import undo_step

OPEN = (StepStatus.INTENT, StepStatus.UNKNOWN)
LATEST = 200
"""So many executions are looked through for the last change of a conversation."""


@dataclass(frozen=True, kw_only=True)
class _Effect:
    """One change that stands, with all that is needed to take it back."""

    step: PlanStep
    tool: Tool
    target: PlannedTarget | None
    asset: Asset | None
    result: StepResult

    @property
    def words(self) -> str:
        """The step and where it ran."""
        return f"{self.tool.name} on {self.result.target}" if self.result.target else self.tool.name

    @property
    def where(self) -> str:
        """The target; of a step without one, its tool."""
        return self.result.target or self.tool.name

    @property
    def look(self) -> str:
        """What its probe asks of whom: two changes with the same look show in the same reading."""
        named = {self.tool.targets_input: self.result.target} if self.tool.targets_input and self.target else {}
        return _look(self.tool, {**self.step.inputs, **named}, self.result)


class UndoOrders:
    """Makes the selection of an undo. Whatever is not certain refuses the whole order: half an undo is a surprise."""

    def __init__(self, storage: Storage, inventory: Inventory, prober: Prober) -> None:
        self._storage = storage
        self._inventory = inventory
        self._prober = prober

    async def last_change(self, tenant: str, session_id: str) -> Execution:
        """The newest execution of the conversation that changed something, or was to. Raises
        `execution.not_undoable` when there is none, `store.*`."""
        for execution in await self._storage.executions(tenant, limit=LATEST):
            ran = execution.result is not None or execution.status not in TERMINAL
            if execution.session_id == session_id and ran and _changes(execution):
                return execution
        raise _refused("Nothing was changed in this conversation, so there is nothing to undo")

    async def tools(self, catalogue: Catalogue, execution: Execution) -> tuple[SelectedTool, ...]:
        """The tools that take the execution's changes back, in the reverse of the order they were made in.

        Each one waits for the one before, and is bound to what its target shows now. Raises `execution.not_undoable`
        for what cannot be undone, `execution.changed_since` for a target that is not as it was left, `store.*`,
        `inventory.*`.
        """
        effects = await self._effects(catalogue, execution)
        if not effects:
            raise _refused(f"Nothing that {execution.execution_id} changed still stands, so there is nothing to undo")
        selected: list[SelectedTool] = []
        seen: dict[str, Json] = {}
        for effect in effects:
            look = effect.look
            now = seen[look] if look in seen else await self._reading(execution, effect)
            _check_unchanged(effect, now)
            before = (f"step_{len(selected)}",) if selected else ()
            selected.append(_selected(catalogue, execution, effect, before, bound=look not in seen))
            seen[look] = effect.result.attempts[-1].before  # what an older change of the same must have left
        return tuple(selected)

    async def _effects(self, catalogue: Catalogue, execution: Execution) -> Sequence[_Effect]:
        """Newest first."""
        if execution.status not in TERMINAL:
            raise _refused(f"{execution.execution_id} is {execution.status.value}; only what has ended can be undone")
        rows = newest(await self._storage.journal(execution.tenant, execution.execution_id))
        steps = {step.step_id: step for step in execution.plan.steps if step.effect != Effect.READ}
        for (step_id, _), row in rows.items():
            unknown = row.result is None or row.result.status in OPEN
            if unknown and planned_id(step_id) in steps:
                raise _refused(f"The outcome of {row.intent.tool} on {row.intent.target} is not known")
        ids = sorted({target.asset_id for step in steps.values() for target in step.targets})
        found = await self._inventory.assets(execution.tenant, ids) if ids else ()
        assets = {asset.asset_id: asset for asset in found}
        standing = [
            row.result
            for (step_id, _), row in rows.items()
            if step_id in steps and row.result is not None and row.result.status is StepStatus.SUCCEEDED
        ]
        standing.sort(key=lambda result: result.completed_at or "")
        return [_effect(steps[result.step_id], catalogue, assets, result) for result in reversed(standing)]

    async def _reading(self, execution: Execution, effect: _Effect) -> Json:
        now = await self._prober.read_back(execution.tenant, effect.step, effect.tool, effect.asset)
        if now is None and effect.tool.probe is not None:
            raise _refused(f"{effect.where} does not tell what it is like now")
        return now


def _check_unchanged(effect: _Effect, now: Json) -> None:
    left = effect.result.attempts[-1].after
    if effect.tool.probe is None or left is None:
        raise _refused(f"What {effect.words} left cannot be read back, so nobody can tell whether it still stands")
    if now != left:
        raise _changed(f"{effect.where} has changed since {effect.words}: {_difference(left, now)}")


def _difference(left: Json, now: Json) -> str:
    """The first field that is not as it was left, in words."""
    if isinstance(left, Mapping) and isinstance(now, Mapping):
        for name in sorted({*left, *now}):
            if left.get(name) != now.get(name):
                return f"{name} was {left.get(name)} and is {now.get(name)}"
    return f"it was {left} and is {now}"


def _refused(why: str) -> Refused:
    return Refused("execution.not_undoable", f"{why}. Nothing was run.")


def _changed(how: str) -> Conflict:
    return Conflict("execution.changed_since", f"{how}. Nothing was run.")


def _look(tool: Tool, inputs: Mapping[str, Json], result: StepResult) -> str:
    if tool.probe is None:
        return f"{result.step_id}@{result.target_id}"
    run = tool.probe.run
    asks: Json = [
        tool.connector,
        result.target_id,
        [*filled_argv(run.argv, inputs)],
        filled(run.http, inputs),
        run.builtin,
    ]
    return json.dumps([asks, run.parse], sort_keys=True)


def _changes(execution: Execution) -> bool:
    return any(step.effect != Effect.READ for step in execution.plan.steps)


def _effect(step: PlanStep, catalogue: Catalogue, assets: Mapping[str, Asset], result: StepResult) -> _Effect:
    tool = catalogue.tools.get(step.tool)
    if not step.undo:
        raise _refused(f"{step.tool} declares no undo")
    if tool is None or tool.digest != step.tool_digest:
        raise _refused(f"The tool {step.tool} has changed since, and with it what its undo would do")
    target = next((one for one in step.targets if one.asset_id == result.target_id), None)
    asset = assets.get(result.target_id)
    if target is not None and (asset is None or (target.reach and planned_target(asset) != target)):
        raise _changed(f"The inventory's entry of {target.name} has changed since")
    return _Effect(step=step, tool=tool, target=target, asset=asset, result=result)


def _selected(
    catalogue: Catalogue, execution: Execution, effect: _Effect, depends_on: tuple[str, ...], *, bound: bool
) -> SelectedTool:
    """`bound` to what the target shows now, where the undoing tool reads the same before it acts."""
    attempt = effect.result.attempts[-1]
    undoing = undo_step(effect.step, catalogue, effect.target, attempt.before)
    tool = catalogue.tools[undoing.tool]
    named: dict[str, Json] = {tool.targets_input: effect.result.target} if tool.targets_input and effect.target else {}
    inputs = {**undoing.inputs, **named}
    return SelectedTool(
        name=tool.name,
        reason=f"takes back {effect.words} of {execution.execution_id}",
        inputs=inputs,
        targets=(effect.target.asset_id,) if effect.target is not None else (),
        depends_on=depends_on,
        left=reading_digest(attempt.after) if bound and _look(tool, inputs, effect.result) == effect.look else "",
    )
