"""A start is durable before anything runs, and the closing is what P11 can commit."""

from pathlib import Path

import pytest

from opsconductor.domain.errors import Unavailable
from opsconductor.domain.execution import Closing, ExecutionStatus, StepStatus
from opsconductor.stages.e_execute.run_context import RunContext
from opsconductor.testing.doubles.connector.scripted import FAIL, ScriptedConnectorDouble
from opsconductor.testing.doubles.storage.failing import REFUSE, FailingStorageDouble, at_method
from opsconductor.testing.executions import HOSTS, a_change, a_plan, a_read, a_step
from tests.unit.stage_e import StageE, open_stage_e

CHANGE, READ = a_change(), a_read()


async def commit(stage: StageE, closing: Closing) -> None:
    """What P11 does with a closing."""
    unit = stage.stored.begin()
    for result in closing.results:
        unit.record_result(closing.execution_id, result, result.attempts[-1].number)
    unit.save_result(closing.execution_id, closing.result)
    unit.move_execution(closing.move)
    await unit.commit()


def fresh(stage: StageE, *hosts: int) -> RunContext:
    plan = a_plan(a_step(READ, *(HOSTS[number] for number in hosts)))
    execution = stage.approvals.mint(stage.context(), plan, "immediate", ExecutionStatus.RUNNING)
    return RunContext(execution=execution, catalogue=stage.catalogue)


async def test_a_read_only_turn_starts_with_one_commit(home: Path) -> None:
    async with open_stage_e(home, READ, wrap=FailingStorageDouble) as stage:
        run = fresh(stage, 0, 1)
        closing = await stage.executor.execute_plan(run.execution.plan, None, run)
        assert isinstance(stage.storage, FailingStorageDouble)
        assert len(stage.storage.commits) == 1
        await commit(stage, closing)
        stored = await stage.stored_execution(run.execution)
        journal = await stage.stored.journal("default", run.execution.execution_id)
        audit = [row.entry.action for row in await stage.stored.audit("default")]
    assert stored.status is ExecutionStatus.SUCCEEDED
    assert stored.result == closing.result
    assert [row.result.status for row in journal if row.result] == [StepStatus.SUCCEEDED] * 2
    assert audit == ["execution.started"]


async def test_an_approved_read_can_be_closed_too(home: Path) -> None:
    """Its approval started the execution: the reads must be in the journal all the same."""
    async with open_stage_e(home, READ, CHANGE) as stage:
        plan = a_plan(a_step(CHANGE, HOSTS[0]), a_step(READ, HOSTS[0], step_id="step_2"))
        run = await stage.started(plan)
        closing = await stage.executor.execute_plan(plan, None, run)
        assert [result.step_id for result in closing.results] == ["step_2"]
        await commit(stage, closing)
        assert (await stage.stored_execution(run.execution)).status is ExecutionStatus.SUCCEEDED


async def test_an_effect_the_store_did_not_take_is_closed_with_the_turn(home: Path) -> None:
    def fault_once(storage: object) -> FailingStorageDouble:
        return FailingStorageDouble(storage, at_method("record_result", REFUSE))  # type: ignore[arg-type]

    async with open_stage_e(home, CHANGE, wrap=fault_once) as stage:
        run = await stage.started(a_plan(a_step(CHANGE, HOSTS[0])))
        closing = await stage.executor.execute_plan(run.execution.plan, None, run)
        await commit(stage, closing)
        (row,) = await stage.stored.journal("default", run.execution.execution_id)
    assert row.result == closing.result.step_results[0]
    assert closing.result.status is ExecutionStatus.SUCCEEDED


async def test_a_start_that_is_not_recorded_runs_nothing(home: Path) -> None:
    def refuse(storage: object) -> FailingStorageDouble:
        return FailingStorageDouble(storage, at_method("add_execution", REFUSE))  # type: ignore[arg-type]

    async with open_stage_e(home, READ, wrap=refuse) as stage:
        run = fresh(stage, 0)
        with pytest.raises(Unavailable):
            await stage.executor.execute_plan(run.execution.plan, None, run)
        assert stage.connector.calls == []


async def test_without_the_inventory_every_step_fails_before_it_began(home: Path) -> None:
    async with open_stage_e(home, CHANGE) as stage:
        run = await stage.started(a_plan(a_step(CHANGE, *HOSTS)))
        stage.inventory.down = True
        closing = await stage.executor.execute_plan(run.execution.plan, None, run)
        assert stage.connector.calls == []
        await commit(stage, closing)
    assert closing.result.status is ExecutionStatus.FAILED
    assert closing.result.failure_count == 3
    assert closing.result.error is not None
    assert closing.result.error.code == "inventory.unavailable"


async def test_a_read_that_failed_or_was_not_allowed_is_closed(home: Path) -> None:
    look = a_read(run=a_change().run)
    async with open_stage_e(home, look, connector=ScriptedConnectorDouble(FAIL)) as stage:
        plan = a_plan(a_step(look, HOSTS[0]))
        execution = stage.approvals.mint(stage.context(), plan, "immediate", ExecutionStatus.RUNNING)
        closing = await stage.executor.execute_plan(
            plan, None, RunContext(execution=execution, catalogue=stage.catalogue)
        )
        await commit(stage, closing)
    assert closing.result.status is ExecutionStatus.FAILED
    assert closing.move.actor == "id_1"
    assert closing.move.reason == "0 of 1 succeeded, 1 failed, 0 unknown"
