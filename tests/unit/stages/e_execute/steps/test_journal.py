"""Intent and result are one durable commit each, with their audit row, or they raise."""

from pathlib import Path

import pytest

from opsconductor.domain.errors import Conflict, Unavailable
from opsconductor.domain.execution import Closing, StepStatus
from opsconductor.domain.identity import Identity, Role
from opsconductor.ports.storage import Storage
from opsconductor.stages.e_execute.steps.journal import StepJournalWriter
from opsconductor.testing.doubles.storage.failing import DO_THEN_RAISE, REFUSE, FailingStorageDouble, at_method
from opsconductor.testing.executions import HOSTS, a_change, a_plan, a_read, a_step
from tests.unit.stage_e import StageE, open_stage_e

CHANGE = a_change()


async def test_a_result_is_taken_once(home: Path) -> None:
    async with open_stage_e(home, CHANGE) as stage:
        run = await stage.started(a_plan(a_step(CHANGE, HOSTS[0])))
        closing = await stage.executor.execute_plan(run.execution.plan, None, run)
        assert isinstance(closing, Closing)
        (result,) = closing.result.step_results
        with pytest.raises(Conflict):
            await stage.journal.conclude(run, result)
        with pytest.raises(Conflict):
            await stage.journal.intend(run, result, None)
        audit = await stage.stored.audit("default")
    assert [row.entry.action for row in audit[:2]] == ["step.intent", "step.succeeded"]
    assert audit[0].entry.actor == "id_1"
    assert audit[0].entry.detail["target"] == "app-01"


@pytest.mark.parametrize(("fault", "raises"), [(REFUSE, True), (DO_THEN_RAISE, False)])
async def test_an_unacknowledged_result_is_looked_up(home: Path, fault: str, raises: bool) -> None:
    def wrap(storage: Storage) -> FailingStorageDouble:
        return FailingStorageDouble(storage, at_method("record_result", fault, times=9))

    async with open_stage_e(home, CHANGE, wrap=wrap) as stage:
        run = await stage.started(a_plan(a_step(CHANGE, HOSTS[0])))
        closing = await stage.executor.execute_plan(run.execution.plan, None, run)
        assert isinstance(closing, Closing)
        (result,) = closing.result.step_results
        assert (run.unrecorded == [result]) is raises
        if raises:
            with pytest.raises(Unavailable):
                await stage.journal.conclude(run, result)
        (row,) = await stage.stored.journal("default", run.execution.execution_id)
    assert (row.result is None) is raises
    assert result.status is StepStatus.SUCCEEDED


async def test_a_target_that_another_run_changes_is_left_and_its_holder_is_named(home: Path) -> None:
    async with open_stage_e(home, CHANGE) as stage:
        await add_identity(stage, "id_1", "requester")
        holder = await stage.started(a_plan(a_step(CHANGE, HOSTS[0])))
        unit = stage.stored.begin()
        unit.lock_target("default", HOSTS[0].asset_id, holder.execution.execution_id, 15.0)
        await unit.commit()
        run = await stage.started(a_plan(a_step(CHANGE, HOSTS[0], HOSTS[1], on_failure="continue")))
        closing = await stage.executor.execute_plan(run.execution.plan, None, run)
        assert isinstance(closing, Closing)
        busy, other = closing.result.step_results
        assert stage.connector.world.effects == ["app-02"]
        rows = await stage.stored.journal("default", run.execution.execution_id)
        held = await stage.stored.target_holder("default", HOSTS[1].asset_id)
        await stage.commit(closing)
        free = await stage.stored.target_holder("default", HOSTS[1].asset_id)
    assert (busy.status, busy.attempts, other.status) == (StepStatus.FAILED, (), StepStatus.SUCCEEDED)
    assert busy.error is not None
    assert busy.error.code == "target.busy"
    words = f"app-01 is being changed by {holder.execution.execution_id} of requester. Nothing was run."
    assert busy.error.message == words
    assert [row.intent.target for row in rows] == ["app-02"]
    assert (held, free) == (run.execution.execution_id, None)


async def test_reads_need_no_lock(home: Path) -> None:
    read = a_read()
    async with open_stage_e(home, read) as stage:
        holder = await stage.started(a_plan(a_step(read, HOSTS[0])))
        unit = stage.stored.begin()
        unit.lock_target("default", HOSTS[0].asset_id, holder.execution.execution_id, 15.0)
        await unit.commit()
        closing = await stage.run(a_plan(a_step(read, HOSTS[0])))
    assert closing.result.success_count == 1


async def test_without_an_answer_of_the_store_an_attempt_is_not_taken_for_open(home: Path) -> None:
    class Silent:
        async def journal(self, tenant: str, execution_id: str) -> None:
            raise Unavailable("store.unavailable", "Nobody answers.")

    async with open_stage_e(home, CHANGE) as stage:
        run = await stage.started(a_plan(a_step(CHANGE, HOSTS[0])))
        closing = await stage.executor.execute_plan(run.execution.plan, None, run)
        assert isinstance(closing, Closing)
        writer = StepJournalWriter(Silent(), stage.clock)  # type: ignore[arg-type]
        assert not await writer.is_open(run, closing.result.step_results[0])


async def add_identity(stage: StageE, identity_id: str, name: str) -> None:
    unit = stage.stored.begin()
    unit.add_identity(Identity(identity_id=identity_id, tenant="default", name=name, roles=frozenset({Role.REQUESTER})))
    await unit.commit()
