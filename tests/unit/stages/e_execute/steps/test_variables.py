"""A later read may take a value of an earlier step, and only one that its type lists: free text never travels."""

from dataclasses import replace
from typing import Any

import pytest

from opsconductor.domain.errors import Conflict
from opsconductor.domain.execution import StepResult, StepStatus
from opsconductor.domain.json_value import Json
from opsconductor.stages.e_execute.steps.variables import has_references, refers, resolved_inputs
from opsconductor.testing.contracts.lanes import a_catalogue
from opsconductor.testing.executions import HOSTS, a_change, a_plan, a_read, a_step

OUTPUT: dict[str, Any] = {
    "count": {"type": "integer"},
    "up": {"type": "boolean"},
    "state": {"type": "string", "enum": ["up", "down"]},
    "host": {"type": "string", "x-entity": "asset"},
    "text": {"type": "string"},
}
READ, CHANGE = a_read(output=OUTPUT), a_change()
CATALOGUE = a_catalogue(tools={READ.name: READ, CHANGE.name: CHANGE}, rules=())


def given(output: Json, target: int = 0, status: StepStatus = StepStatus.SUCCEEDED) -> StepResult:
    return StepResult(
        step_id="step_1", tool=READ.name, target=HOSTS[target].name, target_id=HOSTS[target].asset_id, status=status,
        attempts=(), started_at="", completed_at="", duration_s=0.0, output=output,
    )  # fmt: skip


def resolved(field: str, *results: StepResult, tool: Any = READ, target_id: str = "") -> Json:
    step = a_step(tool, step_id="step_2", inputs={"service": "billing", "wanted": {"from": "step_1", "field": field}})
    plan = a_plan(a_step(READ, *HOSTS), step)
    return resolved_inputs(step, target_id, plan, CATALOGUE, results)["wanted"]


@pytest.mark.parametrize(
    ("field", "value"), [("count", 3), ("up", False), ("state", "down"), ("host", HOSTS[1].asset_id)]
)
def test_values_of_closed_types_travel(field: str, value: Json) -> None:
    assert resolved(field, given({field: value})) == value


@pytest.mark.parametrize(
    ("field", "output"),
    [
        ("text", {"text": "rm -rf /"}),
        ("state", {"state": "sideways"}),
        ("host", {"host": "somewhere else"}),
        ("count", {"count": "3"}),
        ("count", {"count": True}),
        ("count", {}),
        ("count", None),
        ("nowhere", {"nowhere": 1}),
    ],
)
def test_anything_else_stops_the_step(field: str, output: Json) -> None:
    with pytest.raises(Conflict) as refused:
        resolved(field, given(output))
    assert refused.value.code == "execution.unresolved"


def test_a_step_that_did_not_succeed_gives_nothing() -> None:
    with pytest.raises(Conflict, match="gave no single count"):
        resolved("count", given({"count": 3}, status=StepStatus.FAILED))


def test_of_several_targets_its_own_gives_the_value() -> None:
    results = (given({"count": 1}, 0), given({"count": 2}, 1))
    assert resolved("count", *results, target_id=HOSTS[1].asset_id) == 2
    with pytest.raises(Conflict, match="no single"):
        resolved("count", *results, target_id="another")


def test_a_change_takes_no_value_that_is_not_known_when_it_is_approved() -> None:
    with pytest.raises(Conflict, match="known when it is approved"):
        resolved("count", given({"count": 3}), tool=CHANGE)


def test_inputs_without_references_are_taken_as_they_are() -> None:
    step = a_step(CHANGE, inputs={"body": {"from": "a", "to": "b"}, "service": "billing"})
    assert not has_references(step)
    assert resolved_inputs(step, "", a_plan(step), CATALOGUE, ()) == step.inputs
    mixed = replace(step, effect="read", inputs={**step.inputs, "n": {"from": "step_0", "field": "count"}})
    assert refers(mixed.inputs["n"])
    with pytest.raises(Conflict, match="step_0 has no output field count"):
        resolved_inputs(mixed, "", a_plan(mixed), CATALOGUE, ())
