"""A verification is told with the inputs it shared, an undo with those it was given from before."""

from dataclasses import replace

from opsconductor.domain.execution import Attempt, StepResult, StepStatus
from opsconductor.stages.d_answer.answer import Answer
from opsconductor.stages.d_answer.told_steps import told_step
from opsconductor.testing.contracts.lanes import a_catalogue
from opsconductor.testing.executions import HOSTS, a_change, a_plan, a_read, a_step
from opsconductor.testing.turns import object_schema
from tests.unit.stages.d_answer.test_answer import a_result, result_of

FIELDS = {name: {"type": "string"} for name in ("host", "service", "version")}
DEPLOY = a_change(
    "deploy",
    inputs=object_schema(**FIELDS),
    target_label="{service} {version} on {target.name}",
    answer="{target.name}: {service} {version} took the place of {before.version}.",
    undo="deploy",
)
LOOK = a_read(
    "look",
    inputs=object_schema(host={"type": "string"}, service={"type": "string"}),
    answer="{service} is {output.is}.",
)
UNDO = {"service": {"input": "service"}, "version": {"before": "version"}, "force": True, "odd": {"a": 1}}
STEP = a_step(DEPLOY, HOSTS[0], inputs={"service": "billing", "version": "3"}, verify="look", undo_inputs=UNDO)
PLAN = a_plan(replace(STEP, undo="deploy"))
CATALOGUE = a_catalogue(tools={"deploy": DEPLOY, "look": LOOK})


def done(step_id: str, tool: str, version: str, **changes: object) -> StepResult:
    attempt = Attempt(number=1, started_at="", before={"version": version})
    return replace(a_result(DEPLOY, "app-01", attempts=(attempt,)), step_id=step_id, tool=tool, **changes)  # type: ignore[arg-type]


DEPLOYED = done("step_1", "deploy", "2", status=StepStatus.COMPENSATED, note="It was undone by deploy.")
LOOKED = done("step_1.verify", "look", "", output={"is": "well"})
UNDONE = done("step_1.undo", "deploy", "3")
RESULTS = (DEPLOYED, LOOKED, UNDONE)


def test_each_result_is_told_with_the_inputs_its_call_had() -> None:
    steps = [told_step(PLAN, result, RESULTS, CATALOGUE) for result in RESULTS]
    assert [(step.step_id, step.tool, step.inputs) for step in steps if step] == [
        ("step_1", "deploy", {"service": "billing", "version": "3"}),
        ("step_1.verify", "look", {"service": "billing"}),
        ("step_1.undo", "deploy", {"service": "billing", "version": "2", "force": True, "odd": {"a": 1}}),
    ]


def test_an_undo_whose_effect_is_not_told_has_no_value_from_before() -> None:
    step = told_step(PLAN, UNDONE, (UNDONE,), CATALOGUE)
    assert step is not None
    assert step.inputs["version"] is None


def test_a_result_of_no_step_is_told_of_none() -> None:
    assert told_step(PLAN, replace(UNDONE, step_id="step_2.undo"), RESULTS, CATALOGUE) is None


def test_a_rollout_is_told_in_order_with_its_looks_and_undos() -> None:
    block = Answer().execution_facts(CATALOGUE, PLAN, result_of(PLAN, *RESULTS))
    assert block.facts == (
        "billing 3 on app-01: was undone.",
        "billing is well.",
        "app-01: billing 2 took the place of 3.",
    )
    assert {item.step for item in block.evidence} == {"step_1@app-01", "step_1.verify@app-01", "step_1.undo@app-01"}
