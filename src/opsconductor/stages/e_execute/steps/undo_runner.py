"""Takes back what succeeded, newest first, each undo journalled like any other effect."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from opsconductor.domain.errors import OpsConductorError
from opsconductor.domain.execution import StepError, StepResult, StepStatus
from opsconductor.domain.plan import PlannedTarget, PlanStep
from opsconductor.domain.step_ids import UNDO, planned_id
from opsconductor.ports.clock import Clock, timestamp
from opsconductor.stages.e_execute.steps.not_run import not_run
from opsconductor.stages.e_execute.steps.on_target import OnTarget
from opsconductor.stages.e_execute.steps.progress import UNRECORDED, Progress
from opsconductor.stages.e_execute.steps.undoing import undo_step

NOT_UNDONE = "A later step could not be undone."
MAY_STAND = "Whether a later step happened is unknown; it may stand on this one."


class UndoRunner:
    """Undoes what declares how. What is not proven undone stays a success, and is told as not undone."""

    def __init__(self, run_on_target: Callable[[Progress, OnTarget], Awaitable[StepResult]], clock: Clock) -> None:
        self._run_on_target = run_on_target
        self._clock = clock

    async def run(self, progress: Progress) -> None:
        """Undo in the reverse of the order of success; what a still standing effect needs is left, and what one
        needs that may stand. Raises `execution.fenced`."""
        standing: set[str] = set()
        unknown = {planned_id(one.step_id) for one in progress.results if one.status is StepStatus.UNKNOWN}
        for effect in reversed(progress.effects()):
            step = progress.step(effect.step_id)
            if not step.undo:
                continue
            if progress.run.unrecorded:
                undone = self._not_begun(step, effect, StepStatus.SKIPPED, UNRECORDED)
            elif unknown.intersection(_built_on(progress, step.step_id)):
                undone = self._not_begun(step, effect, StepStatus.SKIPPED, None, MAY_STAND)
            elif standing.intersection(_built_on(progress, step.step_id)):
                undone = self._not_begun(step, effect, StepStatus.SKIPPED, None, NOT_UNDONE)
            else:
                undone = await self._undo(progress, step, effect)
            progress.results.append(undone)
            if undone.status is not StepStatus.SUCCEEDED or undone in progress.run.unrecorded:
                standing.add(step.step_id)
                continue
            progress.results[progress.results.index(effect)] = compensated(effect, undone)

    async def _undo(self, progress: Progress, step: PlanStep, effect: StepResult) -> StepResult:
        target = next((one for one in step.targets if one.asset_id == effect.target_id), None)
        try:
            undoing = undo_step(step, progress.run.catalogue, target, effect.attempts[-1].before)
        except OpsConductorError as error:
            failure = StepError(code=error.code, message=error.message, next_step=error.next_step)
            return self._not_begun(step, effect, StepStatus.FAILED, failure)
        work = OnTarget(
            run=progress.run,
            step=undoing,
            tool=progress.run.catalogue.tools[undoing.tool],
            target=target,
            asset=progress.assets.get(effect.target_id),
            takes_back=effect,
        )
        return await self._run_on_target(progress, work)

    def _not_begun(
        self, step: PlanStep, effect: StepResult, status: StepStatus, error: StepError | None, note: str = ""
    ) -> StepResult:
        named = PlannedTarget(asset_id=effect.target_id, name=effect.target) if effect.target else None
        undoing = replace(step, step_id=step.step_id + UNDO, tool=step.undo)
        (told,) = not_run(undoing, (named,), status, timestamp(self._clock.now()), error=error, note=note)
        return told


def compensated(effect: StepResult, undone: StepResult) -> StepResult:
    """The result of an effect that is proven to be taken back."""
    return replace(effect, status=StepStatus.COMPENSATED, note=f"It was undone by {undone.tool}.")


def _built_on(progress: Progress, step_id: str) -> set[str]:
    """The steps that began on top of this one: all that depend on it, or all later ones where order alone says so."""
    plan = progress.run.execution.plan
    if plan.strategy != "parallel":
        ids = [step.step_id for step in plan.steps]
        return set(ids[ids.index(step_id) + 1 :])
    above: set[str] = set()
    grown = {step_id}
    while grown:
        grown = {step.step_id for step in plan.steps if grown.intersection(step.depends_on)} - above
        above |= grown
    return above
