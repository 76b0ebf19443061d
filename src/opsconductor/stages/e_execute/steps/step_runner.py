"""One step over all its targets: part after part, some at a time, each target with a result of its own."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

from opsconductor.domain.catalogue import Effect
from opsconductor.domain.execution import StepError, StepResult, StepStatus
from opsconductor.domain.plan import PlannedTarget, PlanStep
from opsconductor.domain.step_ids import VERIFY
from opsconductor.ports.clock import Clock, timestamp
from opsconductor.ports.failpoints import Failpoints
from opsconductor.stages.e_execute.steps.on_target import OnTarget
from opsconductor.stages.e_execute.steps.progress import EARLIER, Progress, Refusal
from opsconductor.stages.e_execute.steps.rollout import Part, at_once, parts_of, targets_of
from opsconductor.stages.e_execute.steps.run_context import RunContext
from opsconductor.stages.e_execute.steps.undoing import verify_step

RunOnTarget = Callable[[Progress, OnTarget], Awaitable[StepResult]]
"""Runs one step on one target to its end. Raises `execution.fenced`."""

IsCancelled = Callable[[RunContext], Awaitable[bool]]


class StepRunner:
    """Decides what may begin, and what a failure means for the rest; every strategy runs its steps through it."""

    def __init__(
        self, run_on_target: RunOnTarget, is_cancelled: IsCancelled, clock: Clock, failpoints: Failpoints
    ) -> None:
        self._run_on_target = run_on_target
        self._is_cancelled = is_cancelled
        self._clock = clock
        self._failpoints = failpoints

    async def run(self, progress: Progress, step: PlanStep) -> None:
        """Run the step, skip it, or pause before it. Raises `execution.fenced`."""
        if progress.paused_at:
            return
        if step.effect == Effect.READ and progress.results and await self._is_cancelled(progress.run):
            progress.cancel()  # of a change its intent tells
        refusal = progress.refusal(step, self._clock.monotonic())
        if refusal is not None:
            progress.skip(step, step.targets or (None,), refusal, self._now())
        elif progress.waits_for_word(step):
            progress.paused_at = step.step_id
            return
        else:
            await self._roll_out(progress, step)
        progress.heed(step)

    async def _roll_out(self, progress: Progress, step: PlanStep) -> None:
        """Part after part; one that is not well ends it, whatever the step declares for single targets.

        The last part is looked at too: nothing comes after it, and it may have to be taken back.
        """
        parts = parts_of(step)
        for place, part in enumerate(parts, start=1):
            await self._run_part(progress, step, part, fragile=len(parts) > 1 or step.on_failure != "continue")
            if unwell := await self._unwell(progress, step, part):
                progress.skip(step, targets_of(parts[place:]), unwell, self._now())
                return

    async def _run_part(self, progress: Progress, step: PlanStep, part: Part, *, fragile: bool) -> None:
        """The targets of one part. In a `fragile` one the first trouble of a change keeps the rest from beginning."""
        places = asyncio.Semaphore(at_once(step))

        async def run_one(target: PlannedTarget | None) -> None:
            async with places:
                refusal = progress.refusal(step, self._clock.monotonic())
                if refusal is None and fragile and step.effect != Effect.READ and progress.has_trouble(step):
                    refusal = Refusal(note=EARLIER)
                if refusal is not None:
                    progress.skip(step, (target,), refusal, self._now())
                    return
                if any(result.step_id == step.step_id for result in progress.results):
                    await self._failpoints.hit("step.between_targets")
                progress.results.append(await self._run_on_target(progress, self._work(progress, step, target)))

        if len(part) == 1:
            return await run_one(part[0])
        async with asyncio.TaskGroup() as group:
            for target in part:
                group.create_task(run_one(target))

    async def _unwell(self, progress: Progress, step: PlanStep, part: Part) -> Refusal | None:
        """Why the next part must not begin: trouble so far, or a target that its verification does not find well."""
        if progress.has_trouble(step):
            return Refusal(note=EARLIER)
        if not step.verify:
            return None
        tool = progress.run.catalogue.tools.get(step.verify)
        if tool is None or tool.effect is not Effect.READ:
            words = f"The rollout stopped: there is no reading tool {step.verify} to look whether it is well."
            unseen = Refusal(error=StepError(code="execution.criteria_not_met", message=words))
            progress.skip(replace(step, step_id=step.step_id + VERIFY, tool=step.verify), part, unseen, self._now())
            return unseen
        await self._failpoints.hit("rollout.before_verify")
        looking = verify_step(step, tool, tuple(target for target in part if target is not None))
        await self._run_part(progress, looking, part, fragile=False)
        await self._failpoints.hit("rollout.after_verify")
        return _unwell_words([one for one in progress.results if one.step_id == looking.step_id], part)

    def _work(self, progress: Progress, step: PlanStep, target: PlannedTarget | None) -> OnTarget:
        asset = progress.assets.get(target.asset_id) if target is not None else None
        tool = progress.run.catalogue.tools[step.tool]
        return OnTarget(run=progress.run, step=step, tool=tool, target=target, asset=asset)

    def _now(self) -> str:
        return timestamp(self._clock.now())


def _unwell_words(looks: list[StepResult], part: Part) -> Refusal | None:
    of_part = {target.asset_id if target is not None else "" for target in part}
    unwell = [one for one in looks if one.target_id in of_part and one.status is not StepStatus.SUCCEEDED]
    if not unwell:
        return None
    first = unwell[0]
    why = first.error.message if first.error is not None else first.note
    words = f"The rollout stopped: {first.target or first.tool} is not well after it. {why}"
    return Refusal(error=StepError(code="execution.criteria_not_met", message=words))
