"""Which call a result tells of: a step of the plan, a look at its rollout, or what takes an effect back."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from opsconductor.domain.catalogue import Catalogue
from opsconductor.domain.execution import StepResult
from opsconductor.domain.json_value import Json
from opsconductor.domain.plan import PlanStep, PlanV1


def told_step(plan: PlanV1, result: StepResult, results: Sequence[StepResult], catalogue: Catalogue) -> PlanStep | None:
    """The step as `result` had it; a verification or an undo is made from the planned one. None for any other id."""
    steps = {step.step_id: step for step in plan.steps}
    if result.step_id in steps:
        return steps[result.step_id]
    planned = steps.get(result.step_id.rpartition(".")[0])
    if planned is None:
        return None
    if result.tool == planned.verify:
        inputs = _shared(planned, result.tool, catalogue)
    else:
        inputs = {name: _undone_with(planned, value, result, results) for name, value in planned.undo_inputs.items()}
    return replace(planned, step_id=result.step_id, tool=result.tool, inputs=inputs)


def _shared(planned: PlanStep, name: str, catalogue: Catalogue) -> Mapping[str, Json]:
    """The inputs that a verification takes over: those of the same names."""
    tool = catalogue.tools.get(name)
    return {key: value for key, value in planned.inputs.items() if tool is not None and key in tool.properties}


def _undone_with(planned: PlanStep, value: Json, undo: StepResult, results: Sequence[StepResult]) -> Json:
    """One input of an undo: from the step's own, from what was read before the effect, or as it is declared."""
    source = next(iter(value)) if isinstance(value, Mapping) and len(value) == 1 else ""
    if not isinstance(value, Mapping) or source not in ("input", "before"):
        return value
    if source == "input":
        return planned.inputs.get(str(value["input"]))
    effect = next((one for one in results if (one.step_id, one.target_id) == (planned.step_id, undo.target_id)), None)
    before = effect.attempts[-1].before if effect is not None and effect.attempts else None
    return before.get(str(value["before"])) if isinstance(before, Mapping) else None
