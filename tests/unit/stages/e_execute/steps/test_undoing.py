"""The step that takes an effect back is made of declared inputs and the reading before, or not at all."""

from typing import Any

import pytest

from opsconductor.domain.errors import Conflict
from opsconductor.domain.json_value import Json
from opsconductor.stages.e_execute.steps.undoing import undo_step, verify_step
from opsconductor.testing.contracts.lanes import a_catalogue
from opsconductor.testing.executions import HOSTS, a_change, a_read, a_step

DEPLOY = a_change("deploy", undo="redeploy")
REDEPLOY = a_change("redeploy", retries=2, retry_pause_s=0.5)
LOOK = a_read("look")
CATALOGUE = a_catalogue(tools={tool.name: tool for tool in (DEPLOY, REDEPLOY, LOOK)}, rules=())


def undone(before: Json, **changes: Any) -> Any:
    inputs = {"service": {"input": "service"}, "version": {"before": "version"}, "why": "undone"}
    step = a_step(DEPLOY, *HOSTS, undo="redeploy", undo_inputs=inputs, **changes)
    return undo_step(step, CATALOGUE, step.targets[1], before)


def test_inputs_come_from_the_step_the_reading_before_and_the_declaration() -> None:
    step = undone({"version": "2.2"})
    assert step.inputs == {"service": "billing", "version": "2.2", "why": "undone"}
    assert (step.step_id, step.tool, [target.name for target in step.targets]) == (
        "step_1.undo",
        "redeploy",
        ["app-02"],
    )
    assert (step.effect, step.retries, step.retry_pause_ms, step.timeout_ms) == ("idempotent", 2, 500, 5000)


@pytest.mark.parametrize("before", [None, {}, {"version": None}, "2.2"])
def test_what_was_not_known_before_cannot_be_put_back(before: Json) -> None:
    with pytest.raises(Conflict) as refused:
        undone(before)
    assert refused.value.code == "execution.unresolved"


@pytest.mark.parametrize("tool", ["gone", "look", ""])
def test_only_a_changing_tool_of_the_catalogue_undoes(tool: str) -> None:
    step = a_step(DEPLOY, undo=tool)
    with pytest.raises(Conflict, match="could not be undone"):
        undo_step(step, CATALOGUE, None, {})


def test_a_verification_reads_with_the_inputs_of_the_same_names() -> None:
    step = a_step(DEPLOY, *HOSTS, inputs={"service": "billing", "version": "2.3"})
    look = verify_step(step, a_read("look", inputs=DEPLOY.inputs), step.targets[:1])
    assert (look.step_id, look.effect, look.inputs, len(look.targets)) == (
        "step_1.verify",
        "read",
        {"service": "billing"},
        1,
    )
