"""What has to hold before a step begins on a target; what does not hold is told, and nothing is sent."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from opsconductor.domain.assets import Asset
from opsconductor.domain.catalogue import Criterion
from opsconductor.domain.errors import OpsConductorError
from opsconductor.domain.execution import StepError
from opsconductor.domain.json_value import Json
from opsconductor.domain.plan import PlannedTarget, planned_target, reading_digest
from opsconductor.ports.expressions import Expressions
from opsconductor.stages.e_execute.steps.calls import ToolCalls, inputs_for, target_names
from opsconductor.stages.e_execute.steps.on_target import OnTarget
from opsconductor.stages.e_execute.steps.progress import Progress
from opsconductor.stages.e_execute.steps.run_context import RightsCheck
from opsconductor.stages.e_execute.steps.undoing import undo_step
from opsconductor.stages.e_execute.steps.variables import has_references, resolved_inputs


class Readiness:
    """Checks one step on one target: the same tool, the same target, values, rights, preconditions, a connector."""

    def __init__(self, calls: ToolCalls, expressions: Expressions, rights: RightsCheck) -> None:
        self._calls = calls
        self._expressions = expressions
        self._rights = rights

    async def of(self, progress: Progress, work: OnTarget) -> tuple[OnTarget, Mapping[str, Json], StepError | None]:
        """The work with its values filled in, what expressions may name, and why it must not begin or None."""
        changed = _changed(work)
        if changed is not None:
            return work, {}, changed
        try:
            work = _with_values(progress, work)
        except OpsConductorError as error:
            return work, {}, StepError(code=error.code, message=error.message)
        names: dict[str, Json] = {
            "input": inputs_for(work.step, work.tool, work.asset),
            "target": target_names(work.asset),
        }
        if not work.reads:
            withdrawn = await self._rights(work.run, work.step)
            if withdrawn is not None:
                return work, names, withdrawn
        unmet = await self.first_unmet(work.tool.preconditions, names)
        if unmet:
            return work, names, StepError(code="execution.precondition", message=unmet)
        if not self._calls.reaches(work.tool):
            words = f"There is no connector named {work.tool.connector}."
            return work, names, StepError(code="connector.unknown", message=words)
        return work, names, None

    def as_it_was_left(self, work: OnTarget, before: Json) -> StepError | None:
        """Why a step that is bound to what its target showed when it was planned must not begin; or None."""
        if not work.step.left or reading_digest(before) == work.step.left:
            return None
        where = work.target.name if work.target is not None else work.tool.name
        words = f"Nothing was run: {where} has changed since this plan was made."
        return StepError(code="execution.changed_since", message=words)

    def to_be_undone(self, work: OnTarget, before: Json) -> StepError | None:
        """Why a step that promises to be undone could not be, once this is all that is known of before; or None."""
        if work.takes_back is not None or work.step.on_failure != "undo" or not work.step.undo:
            return None
        try:
            undo_step(work.step, work.run.catalogue, work.target, before)
        except OpsConductorError as error:
            return StepError(code=error.code, message=f"Nothing was run: {error.message}")
        return None

    async def first_unmet(self, criteria: Sequence[Criterion], names: Mapping[str, Json]) -> str:
        """Words for the first criterion that does not hold; an undefined name makes it not hold."""
        for criterion in criteria:
            evaluation = await self._expressions.evaluate(criterion.expression, names)
            if not evaluation.holds:
                undefined = f" ({evaluation.missing} is not defined)" if evaluation.missing else ""
                return f"{criterion.message}{undefined}"
        return ""


def _with_values(progress: Progress, work: OnTarget) -> OnTarget:
    """The work with the values that earlier steps gave. Raises `execution.unresolved`."""
    if not has_references(work.step):
        return work
    run = work.run
    target_id = work.target.asset_id if work.target is not None else ""
    inputs = resolved_inputs(work.step, target_id, run.execution.plan, run.catalogue, progress.results)
    return replace(work, step=replace(work.step, inputs=inputs))


def _changed(work: OnTarget) -> StepError | None:
    """Why tool or target are not what the plan was made for, in an approval what was approved; None while they are."""
    if work.tool.digest != work.step.tool_digest:
        words = f"The tool {work.tool.name} has changed since this plan was made."
        return StepError(code="approval.drift", message=words)
    return _target_changed(work.target, work.asset)


def _target_changed(target: PlannedTarget | None, asset: Asset | None) -> StepError | None:
    if target is None:
        return None
    if asset is None:
        return StepError(code="asset.not_found", message=f"{target.name} is no longer in the inventory.")
    if target.reach and planned_target(asset) != target:
        return StepError(code="approval.drift", message=f"{target.name} has changed since this plan was made.")
    return None
