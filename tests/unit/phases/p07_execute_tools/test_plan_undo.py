"""Which execution an order to undo means, and what its plan is made and judged by."""

from dataclasses import replace
from pathlib import Path

import pytest

from opsconductor.domain.errors import OpsConductorError
from opsconductor.domain.knowledge import UNDO_INTENT, Mode
from opsconductor.domain.rules import SelectedRules
from opsconductor.domain.turn import Trigger, TurnContext
from opsconductor.phases.p07_execute_tools.plan_undo import PlanUndo
from opsconductor.stages.e_execute.approvals.undo_order import UndoOrders
from tests.unit.stage_e import StageE, open_stage_e
from tests.unit.stages.e_execute.approvals.test_undo_order import APP_01, TOOLS, a_deploy, ran


def undo_of(stage: StageE) -> PlanUndo:
    return PlanUndo(UndoOrders(stage.storage, stage.inventory, stage.prober), stage.storage, stage.ids)


def ordering(stage: StageE, execution_id: str) -> TurnContext:
    context = stage.context()
    turn = replace(context.input, trigger=Trigger.UNDO, undoes=execution_id, message=f"undo {execution_id}")
    return replace(context, input=turn)


async def test_an_execution_is_named_by_its_id_and_told(home: Path) -> None:
    async with open_stage_e(home, *TOOLS) as stage:
        execution = await ran(stage, a_deploy(APP_01))
        context = ordering(stage, execution.execution_id)
        made = await undo_of(stage).run(context, SelectedRules())
        decision = undo_of(stage).decision(context)
    assert [tool.name for tool in made.selection.tools] == ["take-back"]
    assert (made.selection.ready, made.selection.requires_approval) == (True, True)
    assert made.told == f"It takes back deploy on app-01 of {execution.execution_id} ({execution.request})."
    assert decision.intent is not None
    assert (decision.intent.label, decision.mode, decision.confidence_level) == (UNDO_INTENT, Mode.ACT, "high")


async def test_words_mean_the_last_change_of_their_own_conversation(home: Path) -> None:
    async with open_stage_e(home, *TOOLS) as stage:
        execution = await ran(stage, a_deploy(APP_01))
        context = stage.context()
        made = await undo_of(stage).run(context, SelectedRules())
        assert execution.execution_id in made.told
        elsewhere = replace(context, session=replace(context.session, session_id="sess_other"))
        with pytest.raises(OpsConductorError, match="Nothing was changed"):
            await undo_of(stage).run(elsewhere, SelectedRules())


@pytest.mark.parametrize("tenant", ["default", "other"])
async def test_an_execution_that_there_is_not_in_this_tenant_is_not_found(home: Path, tenant: str) -> None:
    async with open_stage_e(home, *TOOLS) as stage:
        execution = await ran(stage, a_deploy(APP_01))
        execution_id = execution.execution_id if tenant == "other" else "exec_none"
        with pytest.raises(OpsConductorError) as error:
            await undo_of(stage).run(replace(ordering(stage, execution_id), tenant=tenant), SelectedRules())
    assert error.value.code == "execution.not_found"
