"""Before a step begins on a target: tool, target, values, rights, preconditions and connector; else nothing is sent."""

from dataclasses import replace
from pathlib import Path

import pytest

from opsconductor.domain.catalogue import Criterion
from opsconductor.domain.execution import StepError, StepStatus
from opsconductor.domain.plan import PlanStep, reading_digest
from opsconductor.ports.connector import ConnectorCall, ConnectorResult
from opsconductor.stages.e_execute.steps.run_context import RunContext
from opsconductor.testing.doubles.connector.scripted import ScriptedConnectorDouble
from opsconductor.testing.executions import HOSTS, a_change, a_plan, a_read, a_step
from tests.unit.stage_e import open_stage_e

CHANGE = a_change()
READ = a_read(inputs={"type": "object", "properties": {"count": {"type": "integer"}}})


async def refused(run: RunContext, step: PlanStep) -> StepError | None:
    return StepError(code="rights.denied", message="The approver is gone.")


async def test_rights_that_were_withdrawn_keep_a_change_from_beginning_and_no_read(home: Path) -> None:
    async with open_stage_e(home, CHANGE, READ, rights=refused) as stage:
        closing = await stage.run(a_plan(a_step(READ, HOSTS[0]), a_step(CHANGE, HOSTS[0], step_id="step_2")))
        assert stage.connector.changes == []
    read, change = closing.result.step_results
    assert read.status is StepStatus.SUCCEEDED
    assert change.error == StepError(code="rights.denied", message="The approver is gone.")
    assert change.attempts == ()


async def test_rights_are_asked_for_before_each_target(home: Path) -> None:
    asked: list[str] = []

    async def once(run: RunContext, step: PlanStep) -> StepError | None:
        asked.append(step.step_id)
        return StepError(code="rights.denied", message="Gone.") if len(asked) > 1 else None

    async with open_stage_e(home, CHANGE, rights=once) as stage:
        await stage.run(a_plan(a_step(CHANGE, *HOSTS)))
        assert stage.connector.world.effects == ["app-01"]
    assert asked == ["step_1", "step_1"]


async def test_a_tool_that_is_not_the_planned_one_is_not_run(home: Path) -> None:
    async with open_stage_e(home, replace(CHANGE, digest="sha256:other")) as stage:
        closing = await stage.run(a_plan(a_step(CHANGE, HOSTS[0])))
        assert stage.connector.calls == []
    (result,) = closing.result.step_results
    assert result.error is not None
    assert result.error.code == "approval.drift"


async def test_a_value_of_an_earlier_step_reaches_a_read_and_its_preconditions(home: Path) -> None:
    enough = Criterion(expression="input.count == 7", message="Not seven.")
    second = a_read("second", inputs=READ.inputs, preconditions=(enough,))
    connector = ScriptedConnectorDouble()
    connector.world.counters["app-01"] = 7
    async with open_stage_e(home, READ, second, connector=connector) as stage:
        reference = {"from": "step_1", "field": "count"}
        later = a_step(second, HOSTS[0], step_id="step_2", inputs={"count": reference}, depends_on=("step_1",))
        closing = await stage.run(a_plan(a_step(READ, HOSTS[0]), later))
    assert [one.status for one in closing.result.step_results] == [StepStatus.SUCCEEDED] * 2
    assert stage.connector.calls[-1].inputs["count"] == 7


async def test_a_value_that_is_not_there_stops_the_step(home: Path) -> None:
    async with open_stage_e(home, READ) as stage:
        later = a_step(READ, HOSTS[0], step_id="step_2", inputs={"count": {"from": "step_1", "field": "nowhere"}})
        closing = await stage.run(a_plan(a_step(READ, HOSTS[0]), later))
        assert len(stage.connector.calls) == 1
    error = closing.result.step_results[1].error
    assert error is not None
    assert error.code == "execution.unresolved"


class Leaky(ScriptedConnectorDouble):
    """The far side repeats the credential and the hidden input wherever it can."""

    async def call(self, call: ConnectorCall) -> ConnectorResult:
        answer = await super().call(call)
        leak = f"token s3cr3t-token and {call.inputs.get('password')}"
        return replace(answer, output={"count": 1, "text": leak}, request={"argv": [leak]}, error=leak)


class Vault:
    async def get(self, tenant: str, reference: str) -> bytes:
        return b"s3cr3t-token"


@pytest.mark.parametrize("ok", [True, False])
async def test_no_secret_that_the_far_side_repeats_stands_in_any_record(home: Path, ok: bool) -> None:
    class Failing(Leaky):
        async def call(self, call: ConnectorCall) -> ConnectorResult:
            return replace(await super().call(call), ok=ok)

    output = {"count": {"type": "integer"}, "text": {"type": "string"}}
    tool = a_change(redact=("password",), credential="token", output=output)
    async with open_stage_e(home, tool, connector=Failing(), secrets=Vault()) as stage:
        step = a_step(tool, HOSTS[0], inputs={"service": "billing", "password": "hunter2"})
        run = await stage.started(a_plan(step))
        closing = await stage.executor.execute_plan(run.execution.plan, None, run)
        rows = await stage.stored.journal("default", run.execution.execution_id)
        audit = await stage.stored.audit("default")
    shown = repr((closing, rows, audit))
    assert "s3cr3t-token" not in shown
    assert "hunter2" not in shown
    assert "[redacted]" in shown


async def test_a_step_that_is_bound_to_a_reading_begins_only_while_that_is_read(home: Path) -> None:
    bound = a_step(CHANGE, HOSTS[0], left=reading_digest({"count": 0}))
    async with open_stage_e(home, CHANGE) as stage:
        first = await stage.run(a_plan(bound))
        again = await stage.run(a_plan(bound))
        assert stage.connector.world.effects == ["app-01"]
    assert first.result.step_results[0].status is StepStatus.SUCCEEDED
    (result,) = again.result.step_results
    assert (result.status, result.attempts) == (StepStatus.FAILED, ())
    assert result.error == StepError(
        code="execution.changed_since", message="Nothing was run: app-01 has changed since this plan was made."
    )
