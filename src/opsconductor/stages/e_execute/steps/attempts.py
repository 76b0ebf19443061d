"""The journalled attempts of an execution, each with its step, tool and target: what recovery reads back."""

from collections.abc import Mapping, Sequence

from opsconductor.domain.assets import Asset
from opsconductor.domain.catalogue import Catalogue
from opsconductor.domain.errors import OpsConductorError
from opsconductor.domain.execution import Execution
from opsconductor.domain.plan import PlannedTarget, PlanStep
from opsconductor.domain.step_ids import planned_id, undoes
from opsconductor.ports.inventory import Inventory
from opsconductor.ports.storage import StepJournal
from opsconductor.stages.e_execute.settling.proof import Attempted
from opsconductor.stages.e_execute.steps.undoing import undo_step

Place = tuple[str, str]
"""Step id and target id."""


def newest(rows: Sequence[StepJournal]) -> dict[Place, StepJournal]:
    """The newest attempt of each step on each target."""
    return {(row.intent.step_id, row.intent.target_id): row for row in rows}


async def assets_of(inventory: Inventory, execution: Execution) -> Mapping[str, Asset]:
    """The plan's targets as the inventory has them now; none when it does not answer: nothing can be read back then."""
    ids = sorted({target.asset_id for step in execution.plan.steps for target in step.targets})
    try:
        found = await inventory.assets(execution.tenant, ids) if ids else ()
    except OpsConductorError:
        return {}
    return {asset.asset_id: asset for asset in found}


def attempted(
    execution: Execution,
    row: StepJournal,
    rows: Mapping[Place, StepJournal],
    catalogue: Catalogue,
    assets: Mapping[str, Asset],
) -> Attempted | None:
    """The attempt of `row`, of a planned step or of an undo; None when its step cannot be told any more."""
    intent = row.intent
    step = next((one for one in execution.plan.steps if one.step_id == planned_id(intent.step_id)), None)
    if step is None:
        return None
    target = next((one for one in step.targets if one.asset_id == intent.target_id), None)
    made = _undo(step, intent.target_id, rows, catalogue, target) if undoes(intent.step_id) else step
    if made is None:
        return None
    return Attempted(
        tenant=execution.tenant,
        execution_id=execution.execution_id,
        step=made,
        tool=catalogue.tools.get(made.tool),
        target=target,
        asset=assets.get(intent.target_id),
        row=row,
    )


def _undo(
    step: PlanStep,
    target_id: str,
    rows: Mapping[Place, StepJournal],
    catalogue: Catalogue,
    target: PlannedTarget | None,
) -> PlanStep | None:
    """The step that took `step` back, made from the same reading as it was then."""
    effect = rows.get((step.step_id, target_id))
    try:
        return undo_step(step, catalogue, target, effect.intent.before if effect is not None else None)
    except OpsConductorError:
        return None
