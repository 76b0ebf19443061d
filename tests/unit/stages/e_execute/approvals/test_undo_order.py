"""An order to undo names what takes each change back, newest first; what is not certain refuses the whole order."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from opsconductor.domain.errors import OpsConductorError
from opsconductor.domain.execution import Execution
from opsconductor.domain.plan import PlanStep, reading_digest
from opsconductor.domain.selection import SelectedTool
from opsconductor.stages.e_execute.approvals.undo_order import UndoOrders
from opsconductor.testing.doubles.connector.scripted import ACT, HANG_UP, NOT_SENT, ScriptedConnectorDouble
from opsconductor.testing.doubles.inventory.in_memory import InMemoryInventoryDouble
from opsconductor.testing.executions import HOSTS, a_change, a_plan, a_read, a_step
from tests.unit.stage_e import StageE, open_stage_e

APP_01, APP_02, APP_03 = HOSTS
UNDONE_WITH = {"service": {"input": "service"}, "version": {"before": "count"}}
DEPLOY = a_change("deploy")
BACK = a_change("take-back")
BLIND = a_change("blind", probe=None)
TOOLS = (DEPLOY, BACK, BLIND, a_read())


def a_deploy(*hosts: Any, **changes: Any) -> PlanStep:
    return a_step(DEPLOY, *hosts, **({"undo": "take-back", "undo_inputs": UNDONE_WITH} | changes))


async def ran(stage: StageE, *steps: PlanStep) -> Execution:
    """An execution of these steps, as it ended."""
    closing = await stage.run(a_plan(*steps))
    await stage.commit(closing)
    found = await stage.stored.execution("default", closing.execution_id)
    assert found is not None
    return found


async def ordered(stage: StageE, execution: Execution) -> tuple[SelectedTool, ...]:
    return await UndoOrders(stage.storage, stage.inventory, stage.prober).tools(stage.catalogue, execution)


async def refused(stage: StageE, execution: Execution) -> tuple[str, str]:
    with pytest.raises(OpsConductorError) as error:
        await ordered(stage, execution)
    assert error.value.message.endswith("Nothing was run.")
    return error.value.code, error.value.message.removesuffix(" Nothing was run.")


async def test_changes_are_taken_back_newest_first_each_bound_to_what_its_target_shows(home: Path) -> None:
    async with open_stage_e(home, *TOOLS) as stage:
        execution = await ran(stage, a_deploy(APP_01, APP_02))
        changes = len(stage.connector.changes)
        second, first = await ordered(stage, execution)
        assert len(stage.connector.changes) == changes
    assert (second.name, second.targets, second.depends_on) == ("take-back", (APP_02.asset_id,), ())
    assert (first.targets, first.depends_on) == ((APP_01.asset_id,), ("step_1",))
    assert first.inputs == {"service": "billing", "version": 0, "host": "app-01"}
    assert first.left == second.left == reading_digest({"count": 1})
    assert first.reason == f"takes back deploy on app-01 of {execution.execution_id}"


async def test_two_changes_of_one_target_are_looked_at_once_and_follow_from_each_other(home: Path) -> None:
    async with open_stage_e(home, *TOOLS) as stage:
        execution = await ran(stage, a_deploy(APP_01), a_deploy(APP_01, step_id="step_2", depends_on=("step_1",)))
        newer, older = await ordered(stage, execution)
    assert (newer.inputs["version"], older.inputs["version"]) == (1, 0)
    assert (newer.left, older.left) == (reading_digest({"count": 2}), "")


async def test_a_target_that_changed_since_is_named_with_what_is_different(home: Path) -> None:
    async with open_stage_e(home, *TOOLS) as stage:
        execution = await ran(stage, a_deploy(APP_01, APP_02))
        stage.connector.world.act("app-01")
        code, words = await refused(stage, execution)
    assert code == "execution.changed_since"
    assert words == "app-01 has changed since deploy on app-01: count was 1 and is 2."


async def test_a_target_whose_entry_changed_since_is_left_alone(home: Path) -> None:
    async with open_stage_e(home, *TOOLS) as stage:
        execution = await ran(stage, a_deploy(APP_01))
        moved = InMemoryInventoryDouble((replace(APP_01, ip="203.0.113.9"),))
        with pytest.raises(OpsConductorError) as error:
            await UndoOrders(stage.storage, moved, stage.prober).tools(stage.catalogue, execution)
    assert (error.value.code, error.value.message) == (
        "execution.changed_since",
        "The inventory's entry of app-01 has changed since. Nothing was run.",
    )


@pytest.mark.parametrize(
    ("step", "why"),
    [
        (a_step(DEPLOY, APP_01), "deploy declares no undo."),
        (
            a_step(BLIND, APP_01, undo="take-back", undo_inputs={"service": {"input": "service"}}),
            "What blind on app-01 left cannot be read back, so nobody can tell whether it still stands.",
        ),
    ],
)
async def test_what_nothing_takes_back_is_refused_with_the_reason(home: Path, step: PlanStep, why: str) -> None:
    async with open_stage_e(home, *TOOLS) as stage:
        assert await refused(stage, await ran(stage, step)) == ("execution.not_undoable", why)


async def test_an_outcome_that_nobody_knows_refuses_all_of_it(home: Path) -> None:
    connector = ScriptedConnectorDouble(ACT, HANG_UP)
    async with open_stage_e(home, *TOOLS, connector=connector) as stage:
        execution = await ran(stage, a_deploy(APP_01), a_step(BLIND, APP_02, step_id="step_2", undo="take-back"))
        assert await refused(stage, execution) == (
            "execution.not_undoable",
            "The outcome of blind on app-02 is not known.",
        )


async def test_what_did_not_succeed_needs_no_undo(home: Path) -> None:
    async with open_stage_e(home, *TOOLS, connector=ScriptedConnectorDouble(ACT, NOT_SENT)) as stage:
        partly = await ran(stage, a_deploy(APP_01, APP_02))
        assert [one.targets for one in await ordered(stage, partly)] == [(APP_01.asset_id,)]
    async with open_stage_e(home / "other", *TOOLS, connector=ScriptedConnectorDouble(NOT_SENT)) as stage:
        failed = await ran(stage, a_deploy(APP_01))
        code, words = await refused(stage, failed)
    assert (code, "still stands" in words) == ("execution.not_undoable", True)


async def test_a_host_that_does_not_answer_is_left_alone(home: Path) -> None:
    async with open_stage_e(home, *TOOLS) as stage:
        execution = await ran(stage, a_deploy(APP_01))
        stage.connector.readable = False
        assert await refused(stage, execution) == (
            "execution.not_undoable",
            "app-01 does not tell what it is like now.",
        )


async def test_a_tool_that_changed_since_is_not_trusted_with_its_undo(home: Path) -> None:
    async with open_stage_e(home, *TOOLS) as stage:
        execution = await ran(stage, a_deploy(APP_01))
        changed = replace(stage.catalogue, tools={**stage.catalogue.tools, "deploy": replace(DEPLOY, digest="x")})
        with pytest.raises(OpsConductorError, match="has changed since"):
            await UndoOrders(stage.storage, stage.inventory, stage.prober).tools(changed, execution)


async def test_only_what_has_ended_is_undone(home: Path) -> None:
    async with open_stage_e(home, *TOOLS) as stage:
        run = await stage.started(a_plan(a_deploy(APP_01)))
        execution = await stage.stored_execution(run.execution)
        code, words = await refused(stage, execution)
    assert (code, words.endswith("is running; only what has ended can be undone.")) == ("execution.not_undoable", True)


async def test_the_last_change_of_a_conversation_is_found_beside_reads_and_others(home: Path) -> None:
    async with open_stage_e(home, *TOOLS) as stage:
        orders = UndoOrders(stage.storage, stage.inventory, stage.prober)
        first = await ran(stage, a_deploy(APP_01))
        await ran(stage, a_step(a_read(), APP_02))
        assert (await orders.last_change("default", first.session_id)).execution_id == first.execution_id
        with pytest.raises(OpsConductorError, match="Nothing was changed in this conversation"):
            await orders.last_change("default", "sess_other")
