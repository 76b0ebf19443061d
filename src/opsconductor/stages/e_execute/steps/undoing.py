"""What takes an effect back: a step of its own, made from the step that it undoes."""

from collections.abc import Mapping

from opsconductor.domain.catalogue import Catalogue, Effect, Tool
from opsconductor.domain.errors import Conflict
from opsconductor.domain.json_value import Json
from opsconductor.domain.plan import PlannedTarget, PlanStep
from opsconductor.domain.step_ids import UNDO, VERIFY


def undo_step(step: PlanStep, catalogue: Catalogue, target: PlannedTarget | None, before: Json) -> PlanStep:
    """The step that takes `step` back on one target; `before` is the probe's reading before the effect.

    Raises `execution.unresolved` when the tool is gone or an input of it has no value.
    """
    tool = catalogue.tools.get(step.undo)
    if tool is None or tool.effect is Effect.READ:
        raise _unresolved(step, f"there is no changing tool {step.undo or 'declared'}")
    inputs = {name: _input(step, value, before) for name, value in step.undo_inputs.items()}
    missing = [name for name, value in inputs.items() if value is None]
    if missing:
        raise _unresolved(step, f"{missing[0]} was not known before")
    return _beside(step, tool, UNDO, inputs, (target,) if target is not None else ())


def verify_step(step: PlanStep, tool: Tool, targets: tuple[PlannedTarget, ...]) -> PlanStep:
    """The read that looks whether targets of `step` are well: it takes the inputs of the same names."""
    named = tool.inputs.get("properties")
    known = named if isinstance(named, Mapping) else {}
    return _beside(step, tool, VERIFY, {name: value for name, value in step.inputs.items() if name in known}, targets)


def _beside(
    step: PlanStep, tool: Tool, suffix: str, inputs: Mapping[str, Json], targets: tuple[PlannedTarget, ...]
) -> PlanStep:
    return PlanStep(
        step_id=step.step_id + suffix,
        description=tool.description,
        tool=tool.name,
        tool_digest=tool.digest,
        inputs=inputs,
        targets=targets,
        probe=tool.probe is not None,
        concurrency=step.concurrency,
        retries=tool.retries,
        retry_pause_ms=round(tool.retry_pause_s * 1000),
        estimate_ms=round(tool.estimate_s * 1000),
        timeout_ms=step.timeout_ms,
        effect=tool.effect.value,
        connector=tool.connector,
    )


def _input(step: PlanStep, value: Json, before: Json) -> Json:
    """`{"input": NAME}` from the step's own inputs, `{"before": FIELD}` from the reading, anything else as it is."""
    if isinstance(value, Mapping) and set(value) == {"input"}:
        return step.inputs.get(str(value["input"]))
    if isinstance(value, Mapping) and set(value) == {"before"}:
        return before.get(str(value["before"])) if isinstance(before, Mapping) else None
    return value


def _unresolved(step: PlanStep, why: str) -> Conflict:
    return Conflict("execution.unresolved", f"{step.step_id} could not be undone: {why}.")
