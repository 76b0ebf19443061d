"""Intent and result are one durable commit each, with their audit row, or they raise."""

from pathlib import Path

import pytest

from opsconductor.domain.errors import Conflict, Unavailable
from opsconductor.domain.execution import StepStatus
from opsconductor.ports.storage import Storage
from opsconductor.testing.doubles.storage.failing import DO_THEN_RAISE, REFUSE, FailingStorageDouble, at_method
from opsconductor.testing.executions import HOSTS, a_change, a_plan, a_step
from tests.unit.stage_e import open_stage_e

CHANGE = a_change()


async def test_a_result_is_taken_once(home: Path) -> None:
    async with open_stage_e(home, CHANGE) as stage:
        run = await stage.started(a_plan(a_step(CHANGE, HOSTS[0])))
        closing = await stage.executor.execute_plan(run.execution.plan, None, run)
        (result,) = closing.result.step_results
        with pytest.raises(Conflict):
            await stage.journal.conclude(run, result)
        with pytest.raises(Conflict):
            await stage.journal.intend(run, result, None)
        audit = await stage.stored.audit("default")
    assert [row.entry.action for row in audit] == ["step.intent", "step.succeeded"]
    assert audit[0].entry.actor == "id_1"
    assert audit[0].entry.detail["target"] == "app-01"


@pytest.mark.parametrize(("fault", "raises"), [(REFUSE, True), (DO_THEN_RAISE, False)])
async def test_an_unacknowledged_result_is_looked_up(home: Path, fault: str, raises: bool) -> None:
    def wrap(storage: Storage) -> FailingStorageDouble:
        return FailingStorageDouble(storage, at_method("record_result", fault, times=9))

    async with open_stage_e(home, CHANGE, wrap=wrap) as stage:
        run = await stage.started(a_plan(a_step(CHANGE, HOSTS[0])))
        closing = await stage.executor.execute_plan(run.execution.plan, None, run)
        (result,) = closing.result.step_results
        assert (run.unrecorded == [result]) is raises
        if raises:
            with pytest.raises(Unavailable):
                await stage.journal.conclude(run, result)
        (row,) = await stage.stored.journal("default", run.execution.execution_id)
    assert (row.result is None) is raises
    assert result.status is StepStatus.SUCCEEDED
