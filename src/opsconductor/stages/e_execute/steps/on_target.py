"""One step on one target: what is run at a time, and the result it begins with."""

from dataclasses import dataclass, replace

from opsconductor.domain.assets import Asset
from opsconductor.domain.catalogue import Effect, Tool
from opsconductor.domain.execution import Attempt, StepResult, StepStatus
from opsconductor.domain.plan import PlannedTarget, PlanStep
from opsconductor.domain.step_ids import verifies
from opsconductor.stages.e_execute.steps.run_context import RunContext


@dataclass(frozen=True, kw_only=True)
class OnTarget:
    """A step of a run on one of its targets, or without one."""

    run: RunContext
    step: PlanStep
    tool: Tool
    target: PlannedTarget | None = None
    asset: Asset | None = None  # the target as the inventory has it now
    takes_back: StepResult | None = None  # the effect that a success of this undoes

    @property
    def reads(self) -> bool:
        """Whether it changes nothing."""
        return self.tool.effect is Effect.READ

    @property
    def is_journalled(self) -> bool:
        """Whether its attempts have rows in the journal; a look at a rollout is told in the result alone."""
        return not verifies(self.step.step_id)


def first_try(work: OnTarget, at: str) -> StepResult:
    """The result before anything is known, with its first attempt."""
    return StepResult(
        step_id=work.step.step_id,
        tool=work.tool.name,
        target=work.target.name if work.target else "",
        target_id=work.target.asset_id if work.target else "",
        status=StepStatus.TODO,
        attempts=(Attempt(number=1, started_at=at),),
        started_at=at,
        completed_at=None,
        duration_s=None,
    )


def next_try(failed: StepResult, at: str) -> StepResult:
    """The result of the attempts so far, with a further one."""
    number = failed.attempts[-1].number + 1
    return replace(failed, attempts=(*failed.attempts, Attempt(number=number, started_at=at)))
