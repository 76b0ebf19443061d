"""A plan is judged again for its requester, by the data of the session it belongs to."""

from dataclasses import replace
from pathlib import Path

from opsconductor.domain.customer import VariableEntry
from opsconductor.stages.e_execute.approvals.frozen_plan import load_frozen_plan
from opsconductor.testing.executions import HOSTS, a_change, a_plan, a_step
from opsconductor.testing.turns import a_session
from tests.unit.stage_e import open_stage_e

PLAN = a_plan(a_step(a_change(), HOSTS[0]))
FREEZE = VariableEntry(
    key="change_freeze", value=True, source="user", confidence=1.0, updated_at="2026-05-05T12:00:00.000Z"
)


async def test_the_data_is_the_requesters_wherever_it_is_approved(home: Path) -> None:
    async with open_stage_e(home) as stage:
        context = stage.context()
        execution, approval = stage.approvals.propose(context, PLAN, 1, "immediate")
        unit = stage.stored.begin()
        unit.add_identity(context.input.identity)
        unit.save_customer_data("default", "id_1", (FREEZE,))
        await unit.commit()
        elsewhere = replace(context, session=a_session(session_id="sess_9", customer_id="id_2"))
        frozen = await load_frozen_plan(stage.stored, elsewhere, execution, approval, HOSTS[:1])
        assert dict(frozen.customer) == {"change_freeze": True}
        assert frozen.requester == context.input.identity
        assert (frozen.level, frozen.intent, frozen.verdicts) == (1, None, ())
        same = replace(context, customer_data={"change_freeze": replace(FREEZE, value=False)})
        frozen = await load_frozen_plan(stage.stored, same, execution, approval, HOSTS[:1])
        assert dict(frozen.customer) == {"change_freeze": False}


async def test_a_requester_that_is_gone_is_nobody(home: Path) -> None:
    async with open_stage_e(home) as stage:
        context = stage.context()
        execution, approval = stage.approvals.propose(context, PLAN, 1, "immediate")
        frozen = await load_frozen_plan(stage.stored, context, execution, approval, HOSTS[:1])
    assert frozen.requester is None
