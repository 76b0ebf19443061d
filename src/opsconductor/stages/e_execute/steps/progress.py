"""How far a run has come: what has ended, what may still begin, and what a failure asks to be taken back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from opsconductor.domain.assets import Asset
from opsconductor.domain.catalogue import Effect
from opsconductor.domain.execution import StepError, StepResult, StepStatus
from opsconductor.domain.plan import PlannedTarget, PlanStep
from opsconductor.domain.step_ids import VERIFY, planned_id, undoes, verifies
from opsconductor.stages.e_execute.settling.lease import HeldRun
from opsconductor.stages.e_execute.steps.not_run import not_run
from opsconductor.stages.e_execute.steps.run_context import RunContext

OUT_OF_TIME = StepError(code="execution.timed_out", message="The execution ran out of time before this step began.")
UNRECORDED = StepError(code="audit.unwritable", message="Nothing was run: the former step's result was not recorded.")
CANCELLED = StepError(code="execution.cancelled", message="The execution was cancelled before this step began.")
EARLIER = "An earlier step did not succeed."


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """Why something is not begun: an error, or a note when the error stands with an earlier step."""

    error: StepError | None = None
    note: str = ""


@dataclass(kw_only=True)
class Progress:
    """One run under way. Only the parts of the engine that run it change it."""

    run: RunContext
    assets: Mapping[str, Asset]
    held: HeldRun  # asked directly before anything is sent
    deadline: float  # by the clock's monotonic time; after it nothing begins
    results: list[StepResult] = field(default_factory=list)  # in the order they ended
    whole_outputs: dict[str, bytes] = field(default_factory=dict)  # of reads, to be stored with the closing
    ended: Refusal | None = None  # why nothing more begins, for steps of the plan
    must_undo: bool = False
    paused_at: str = ""  # the step that waits for a person's word

    @property
    def todo(self) -> tuple[PlanStep, ...]:
        """The plan's steps but for those that an earlier leg of the run has finished."""
        done = {result.step_id for result in self.run.done}
        return tuple(step for step in self.run.execution.plan.steps if step.step_id not in done)

    def waits_for_word(self, step: PlanStep) -> bool:
        """Whether a person has to confirm this step first."""
        confirmed = self.run.confirmed
        return confirmed is not None and step.effect != Effect.READ and step.step_id not in confirmed

    def refusal(self, step: PlanStep, now: float) -> Refusal | None:
        """Why the step may not begin on any target now, or None."""
        if self.run.unrecorded:
            return Refusal(error=UNRECORDED)
        if self.ended is not None:
            return self.ended
        if now > self.deadline:
            return Refusal(error=OUT_OF_TIME)
        return None if all(self._succeeded(name) for name in step.depends_on) else Refusal(note=EARLIER)

    def skip(self, step: PlanStep, targets: Sequence[PlannedTarget | None], why: Refusal, at: str) -> None:
        """Tell that the step was not begun on these targets."""
        self.results += not_run(step, targets, StepStatus.SKIPPED, at, error=why.error, note=why.note)

    def cancel(self) -> None:
        """Somebody asked to cancel: nothing more begins."""
        self.ended = Refusal(error=CANCELLED)

    def has_trouble(self, step: PlanStep) -> bool:
        """Whether the step has ended otherwise than in success on any target so far, or was not found well after it."""
        own = (step.step_id, step.step_id + VERIFY)
        return any(one.step_id in own and one.status is not StepStatus.SUCCEEDED for one in self.results)

    def heed(self, step: PlanStep) -> None:
        """What the step declares for its own failure: nothing more begins, or that and everything is taken back."""
        if not self.has_trouble(step) or step.on_failure == "continue":
            return
        self.must_undo = self.must_undo or step.on_failure == "undo"
        self.ended = self.ended or Refusal(note=EARLIER)

    def step(self, step_id: str) -> PlanStep:
        """The plan's step of that id."""
        return next(step for step in self.run.execution.plan.steps if step.step_id == step_id)

    def effects(self) -> list[StepResult]:
        """Changes of the plan that succeeded, in the order they did."""
        changing = {step.step_id for step in self.run.execution.plan.steps if step.effect != Effect.READ}
        return [one for one in self.results if one.step_id in changing and one.status is StepStatus.SUCCEEDED]

    def told(self) -> list[StepResult]:
        """All results in the plan's order; a step's verifications and undos stand behind it."""
        if len(self.results) < 2:
            return list(self.results)
        places = {step.step_id: place for place, step in enumerate(self.run.execution.plan.steps)}
        targets = {
            (step.step_id, target.asset_id): place
            for step in self.run.execution.plan.steps
            for place, target in enumerate(step.targets)
        }

        def place(result: StepResult) -> tuple[int, int, int]:
            planned = planned_id(result.step_id)
            kind = 2 if undoes(result.step_id) else 1 if verifies(result.step_id) else 0
            return places[planned], kind, 0 if kind == 2 else targets.get((planned, result.target_id), 0)

        return sorted(self.results, key=place)

    def _succeeded(self, step_id: str) -> bool:
        statuses = {one.status for one in self.results if one.step_id == step_id}
        return statuses == {StepStatus.SUCCEEDED}
