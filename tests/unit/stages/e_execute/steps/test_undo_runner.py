"""What succeeded is taken back newest first, journalled like any effect; what is not proven undone is told so."""

from pathlib import Path
from typing import Any

import pytest

from opsconductor.domain.execution import Closing, ExecutionStatus, StepError, StepStatus
from opsconductor.domain.plan import PlanStep
from opsconductor.ports.connector import ConnectorCall, ConnectorResult
from opsconductor.stages.e_execute.steps.run_context import RunContext
from opsconductor.stages.e_execute.steps.undo_runner import MAY_STAND
from opsconductor.testing.doubles.connector.scripted import (
    ACT,
    FAIL,
    HANG_UP,
    LIE,
    NOT_SENT,
    ScriptedConnectorDouble,
)
from opsconductor.testing.doubles.failpoints.killing import KillingFailpointsDouble
from opsconductor.testing.doubles.storage.failing import REFUSE, FailingStorageDouble
from opsconductor.testing.executions import HOSTS, a_change, a_plan, a_read, a_step
from tests.unit.stage_e import StageE, open_stage_e

APP_01, APP_02, APP_03 = HOSTS
INPUTS = {"service": {"input": "service"}, "version": {"before": "count"}}
DEPLOY = a_change("deploy")
BACK = a_change("take-back")
TOOLS = (DEPLOY, BACK, a_read())


def a_deploy(*hosts: Any, **changes: Any) -> PlanStep:
    usual: dict[str, Any] = {"undo": "take-back", "undo_inputs": INPUTS, "on_failure": "undo"}
    return a_step(DEPLOY, *hosts, **(usual | changes))


def statuses(closing: Closing) -> list[tuple[str, str, str]]:
    return [(one.step_id, one.target, one.status.value) for one in closing.result.step_results]


def targets(stage: StageE) -> list[str]:
    return [call.target.name for call in stage.connector.changes if call.target]


async def test_a_failure_in_the_middle_takes_back_what_was_done_newest_first(home: Path) -> None:
    connector = ScriptedConnectorDouble(ACT, ACT, FAIL, ACT)
    async with open_stage_e(home, *TOOLS, connector=connector) as stage:
        closing = await stage.run(a_plan(a_deploy(*HOSTS)))
        await stage.commit(closing)
        rows = await stage.stored.journal("default", closing.execution_id)
        audit = [row.entry for row in await stage.stored.audit("default")]
    assert targets(stage) == ["app-01", "app-02", "app-03", "app-02", "app-01"]
    assert statuses(closing) == [
        ("step_1", "app-01", "compensated"),
        ("step_1", "app-02", "compensated"),
        ("step_1", "app-03", "failed"),
        ("step_1.undo", "app-02", "succeeded"),
        ("step_1.undo", "app-01", "succeeded"),
    ]
    assert closing.result.status is ExecutionStatus.FAILED
    assert closing.result.summary == "0 of 3 succeeded, 1 failed, 0 unknown, 2 undone"
    assert closing.result.plan_against_actual["undone"] == ["deploy on app-01", "deploy on app-02"]
    recorded = {(row.intent.step_id, row.intent.target): row.result.status.value for row in rows if row.result}
    assert recorded == {(step, target): status for step, target, status in statuses(closing)}
    undo = [(entry.action, entry.detail["target"]) for entry in audit if str(entry.detail["step"]) == "step_1.undo"]
    assert undo == [(f"step.{word}", name) for name in ("app-02", "app-01") for word in ("intent", "succeeded")]


async def test_the_inputs_are_the_steps_own_and_the_reading_before(home: Path) -> None:
    connector = ScriptedConnectorDouble(ACT, FAIL, ACT)
    connector.world.counters["app-01"] = 7
    async with open_stage_e(home, *TOOLS, connector=connector) as stage:
        await stage.run(a_plan(a_deploy(APP_01, APP_02)))
    assert stage.connector.changes[-1].inputs == {"service": "billing", "version": 7, "host": "app-01"}


@pytest.mark.parametrize(
    ("word", "undo", "overall"),
    [
        (NOT_SENT, StepStatus.FAILED, ExecutionStatus.PARTIAL),
        (FAIL, StepStatus.FAILED, ExecutionStatus.PARTIAL),
        (HANG_UP, StepStatus.UNKNOWN, ExecutionStatus.UNKNOWN),
        (LIE, StepStatus.UNKNOWN, ExecutionStatus.UNKNOWN),
    ],
)
async def test_an_undo_that_is_not_proven_is_never_told_as_undone(
    home: Path, word: str, undo: StepStatus, overall: ExecutionStatus
) -> None:
    connector = ScriptedConnectorDouble(ACT, FAIL, word)
    async with open_stage_e(home, *TOOLS, connector=connector) as stage:
        closing = await stage.run(a_plan(a_deploy(APP_01, APP_02)))
        await stage.commit(closing)
    assert statuses(closing) == [
        ("step_1", "app-01", "succeeded"),
        ("step_1", "app-02", "failed"),
        ("step_1.undo", "app-01", undo.value),
    ]
    assert closing.result.status is overall
    assert "1 undone" not in closing.result.summary


async def test_what_a_standing_effect_is_built_on_is_left(home: Path) -> None:
    """step_2 cannot be undone on one target, so step_1 below it stays; its other target is still undone."""
    connector = ScriptedConnectorDouble(ACT, ACT, ACT, FAIL, NOT_SENT, ACT)
    async with open_stage_e(home, *TOOLS, connector=connector) as stage:
        steps = (a_deploy(APP_01), a_deploy(APP_01, APP_02, APP_03, step_id="step_2"))
        closing = await stage.run(a_plan(*steps))
    told = {(step, target): status for step, target, status in statuses(closing)}
    assert told["step_2.undo", "app-02"] == "failed"
    assert told["step_2.undo", "app-01"] == "succeeded"
    assert told["step_1.undo", "app-01"] == "skipped"
    assert told["step_1", "app-01"] == "succeeded"
    assert closing.result.status is ExecutionStatus.PARTIAL
    assert closing.result.summary.endswith("1 undone, 2 not undone")


async def test_in_a_graph_a_branch_beside_the_standing_one_is_undone(home: Path) -> None:
    connector = ScriptedConnectorDouble(ACT, ACT, FAIL, NOT_SENT, ACT)
    async with open_stage_e(home, *TOOLS, connector=connector) as stage:
        steps = (
            a_deploy(APP_01),
            a_deploy(APP_02, step_id="step_2"),
            a_deploy(APP_03, step_id="step_3", depends_on=("step_1", "step_2")),
        )
        closing = await stage.run(a_plan(*steps, strategy="parallel"))
    told = {step: status for step, _, status in statuses(closing)}
    assert sorted((told["step_1.undo"], told["step_2.undo"])) == ["failed", "succeeded"]


async def test_effects_without_an_undo_and_reads_are_left_as_they_are(home: Path) -> None:
    connector = ScriptedConnectorDouble(ACT, ACT, FAIL, ACT)
    async with open_stage_e(home, *TOOLS, connector=connector) as stage:
        steps = (
            a_step(TOOLS[2], APP_01),
            a_deploy(APP_01, step_id="step_2", undo="", undo_inputs={}),
            a_deploy(APP_02, step_id="step_3"),
            a_deploy(APP_03, step_id="step_4"),
        )
        closing = await stage.run(a_plan(*steps))
    assert [status for _, _, status in statuses(closing)] == [
        "succeeded",
        "succeeded",
        "compensated",
        "succeeded",
        "failed",
    ]
    assert closing.result.status is ExecutionStatus.PARTIAL


async def test_a_read_beside_undone_changes_does_not_make_it_partial(home: Path) -> None:
    connector = ScriptedConnectorDouble(ACT, FAIL, ACT)
    async with open_stage_e(home, *TOOLS, connector=connector) as stage:
        closing = await stage.run(a_plan(a_step(TOOLS[2], APP_01), a_deploy(APP_01, APP_02, step_id="step_2")))
    assert closing.result.status is ExecutionStatus.FAILED


async def test_what_could_not_be_undone_is_not_begun(home: Path) -> None:
    """The reading before gave no version: there would be nothing to go back to."""
    async with open_stage_e(home, *TOOLS, connector=ScriptedConnectorDouble(readable=False)) as stage:
        closing = await stage.run(a_plan(a_deploy(APP_01)))
    assert targets(stage) == []
    (result,) = closing.result.step_results
    assert result.status is StepStatus.FAILED
    assert result.error is not None
    assert result.error.code == "execution.unresolved"


async def test_an_unknown_outcome_is_left_and_what_is_proven_is_taken_back(home: Path) -> None:
    connector = ScriptedConnectorDouble(ACT, HANG_UP, ACT)
    async with open_stage_e(home, *TOOLS, connector=connector) as stage:
        closing = await stage.run(a_plan(a_deploy(APP_01, APP_02)))
    assert targets(stage) == ["app-01", "app-02", "app-01"]
    assert closing.result.status is ExecutionStatus.UNKNOWN


async def test_beneath_an_unknown_outcome_nothing_is_taken_back(home: Path) -> None:
    """step_2 may stand, or still come to stand, on what step_1 has done."""
    connector = ScriptedConnectorDouble(ACT, HANG_UP, ACT)
    async with open_stage_e(home, *TOOLS, connector=connector) as stage:
        closing = await stage.run(a_plan(a_deploy(APP_01), a_deploy(APP_02, step_id="step_2")))
    assert targets(stage) == ["app-01", "app-02"]
    assert statuses(closing) == [
        ("step_1", "app-01", "succeeded"),
        ("step_1.undo", "app-01", "skipped"),
        ("step_2", "app-02", "unknown"),
    ]
    assert closing.result.status is ExecutionStatus.UNKNOWN
    assert closing.result.step_results[1].note == MAY_STAND


async def test_in_a_graph_a_branch_beside_an_unknown_outcome_is_taken_back(home: Path) -> None:
    class Scripted(ScriptedConnectorDouble):
        async def call(self, call: ConnectorCall) -> ConnectorResult:
            is_third = call.target is not None and call.target.name == "app-03" and call.run.argv[0] != "read"
            if is_third:
                return ConnectorResult(outcome="unknown", error_code="connector.unreachable", error="It broke.")
            return await super().call(call)

    async with open_stage_e(home, *TOOLS, connector=Scripted(ACT)) as stage:
        steps = (
            a_deploy(APP_01),
            a_deploy(APP_02, step_id="step_2"),
            a_deploy(APP_03, step_id="step_3", depends_on=("step_1",)),
        )
        closing = await stage.run(a_plan(*steps, strategy="parallel"))
    told = {step: status for step, _, status in statuses(closing)}
    assert told["step_3"] == "unknown"
    assert (told["step_1"], told["step_2"]) == ("succeeded", "compensated")


async def test_withdrawn_rights_end_undoing_too(home: Path) -> None:
    asked: list[str] = []

    async def withdrawn(run: RunContext, step: PlanStep) -> StepError | None:
        asked.append(step.step_id)
        return StepError(code="rights.denied", message="Gone.") if len(asked) > 2 else None

    async with open_stage_e(home, *TOOLS, connector=ScriptedConnectorDouble(ACT, FAIL), rights=withdrawn) as stage:
        closing = await stage.run(a_plan(a_deploy(APP_01, APP_02)))
    assert asked == ["step_1", "step_1", "step_1.undo"]
    assert targets(stage) == ["app-01", "app-02"]
    assert closing.result.status is ExecutionStatus.PARTIAL


async def test_after_a_cancel_nothing_is_undone(home: Path) -> None:
    class Cancelling(ScriptedConnectorDouble):
        async def call(self, call: ConnectorCall) -> ConnectorResult:
            if call.target is not None and call.target.name == "app-02" and call.run.argv[0] != "read":
                unit = stage.stored.begin()
                unit.request_cancel(run.execution.execution_id, "id_2")
                await unit.commit()
            return await super().call(call)

    async with open_stage_e(home, *TOOLS, connector=Cancelling(ACT, FAIL, ACT)) as stage:
        run = await stage.started(a_plan(a_deploy(APP_01, APP_02)))
        closing = await stage.executor.execute_plan(run.execution.plan, None, run)
    assert isinstance(closing, Closing)
    assert targets(stage) == ["app-01", "app-02"]
    assert statuses(closing)[-1] == ("step_1.undo", "app-01", "skipped")
    assert closing.result.status is ExecutionStatus.PARTIAL


async def test_an_undo_the_store_did_not_take_leaves_the_effect_standing(home: Path) -> None:
    def refuse_settling(number: int, methods: tuple[str, ...]) -> str:
        return REFUSE if "settle_result" in methods else ""

    connector = ScriptedConnectorDouble(ACT, ACT, FAIL, ACT)
    async with open_stage_e(
        home, *TOOLS, connector=connector, wrap=lambda storage: FailingStorageDouble(storage, refuse_settling)
    ) as stage:
        closing = await stage.run(a_plan(a_deploy(*HOSTS)))
        await stage.commit(closing)
        rows = await stage.stored.journal("default", closing.execution_id)
    told = {(step, target): status for step, target, status in statuses(closing)}
    assert (told["step_1", "app-02"], told["step_1.undo", "app-02"]) == ("succeeded", "succeeded")
    assert told["step_1.undo", "app-01"] == "skipped"
    assert closing.result.status is ExecutionStatus.PARTIAL
    for row in rows:
        assert row.result is not None
        assert told[row.intent.step_id, row.intent.target] == row.result.status.value


async def test_the_places_of_an_undo_have_names(home: Path) -> None:
    failpoints = KillingFailpointsDouble()
    connector = ScriptedConnectorDouble(ACT, FAIL, ACT)
    async with open_stage_e(home, *TOOLS, connector=connector, failpoints=failpoints) as stage:
        await stage.run(a_plan(a_deploy(APP_01, APP_02)))
    places = ("before_intent", "after_intent", "after_effect", "before_result", "after_result")
    assert [hit for hit in failpoints.hits if hit.startswith("undo.")] == [f"undo.{place}" for place in places]
