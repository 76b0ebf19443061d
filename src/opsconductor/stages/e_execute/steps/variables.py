"""Values that one step gives to a later one: through a declared output field of a closed type, into reads only."""

from collections.abc import Mapping, Sequence

from opsconductor.domain.catalogue import Catalogue, Effect
from opsconductor.domain.errors import Conflict
from opsconductor.domain.execution import StepResult, StepStatus
from opsconductor.domain.json_value import Json, JsonObject
from opsconductor.domain.plan import PlanStep, PlanV1

REFERENCE = frozenset({"from", "field"})
"""An input `{"from": "step_1", "field": "version"}` is a reference; its value is known only at run time."""


def refers(value: Json) -> bool:
    """Whether an input's value is a reference."""
    return isinstance(value, Mapping) and set(value) == REFERENCE


def has_references(step: PlanStep) -> bool:
    """Whether any input of the step is a reference."""
    return any(refers(value) for value in step.inputs.values())


def resolved_inputs(
    step: PlanStep, target_id: str, plan: PlanV1, catalogue: Catalogue, results: Sequence[StepResult]
) -> dict[str, Json]:
    """The step's inputs on one target, each reference replaced by its value.

    Raises `execution.unresolved` for a change, whose arguments are frozen when it is approved; for a field that is
    not declared with a closed type; and for a step that gave no such value, or one per target and none for this one.
    """
    if not has_references(step):
        return dict(step.inputs)
    if step.effect != Effect.READ:
        raise _unresolved(step, "a change takes no value that is not known when it is approved")
    return {
        name: _value(step, value, target_id, plan, catalogue, results) if isinstance(value, Mapping) else value
        for name, value in step.inputs.items()
    }


def _value(
    step: PlanStep,
    reference: JsonObject,
    target_id: str,
    plan: PlanV1,
    catalogue: Catalogue,
    results: Sequence[StepResult],
) -> Json:
    if not refers(reference):
        return reference
    source, field = str(reference["from"]), str(reference["field"])
    giving = next((one for one in plan.steps if one.step_id == source), None)
    tool = catalogue.tools.get(giving.tool) if giving is not None else None
    declared = tool.output.get(field) if tool is not None else None
    if declared is None:
        raise _unresolved(step, f"{source} has no output field {field}")
    given = [one for one in results if one.step_id == source and one.status is StepStatus.SUCCEEDED]
    chosen = [one for one in given if one.target_id == target_id] or given
    if len(chosen) != 1 or not isinstance(chosen[0].output, Mapping):
        raise _unresolved(step, f"{source} gave no single {field}")
    value = chosen[0].output.get(field)
    if not _is_closed(declared, value, [target.asset_id for one in plan.steps for target in one.targets]):
        raise _unresolved(step, f"{field} of {source} is not a number, a boolean, one of a list or an asset's id")
    return value


def _is_closed(declared: JsonObject, value: Json, asset_ids: Sequence[str]) -> bool:
    """Whether the value can only be what its type lists: free text never becomes an argument."""
    kind, listed = declared.get("type"), declared.get("enum")
    if kind in ("integer", "number"):
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    if kind == "boolean":
        return isinstance(value, bool)
    if isinstance(listed, (list, tuple)):
        return isinstance(value, str) and value in listed
    return declared.get("x-entity") == "asset" and value in asset_ids


def _unresolved(step: PlanStep, why: str) -> Conflict:
    return Conflict("execution.unresolved", f"{step.step_id} cannot begin: {why}.")
