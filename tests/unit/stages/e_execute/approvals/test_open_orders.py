"""The same order is found while it is open, and in its own turn group for ever."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from opsconductor.domain.execution import Execution, ExecutionMove, ExecutionStatus
from opsconductor.stages.e_execute.approvals.open_orders import OpenOrders
from opsconductor.testing.turns import MOMENT, a_context
from tests.unit.waiting import PLAN, Asked, asked


def an_execution(**changes: Any) -> Execution:
    execution = Execution(
        execution_id="exec_1",
        tenant="default",
        session_id="sess_1",
        turn_id="turn_1",
        turn_group="turn_1",
        requester="id_1",
        plan=PLAN,
        plan_hash="sha256:x",
        status=ExecutionStatus.AWAITING_APPROVAL,
        mode="immediate",
        request="restart billing",
        created_at=MOMENT,
    )
    return replace(execution, **changes)


async def end(ask: Asked, target: ExecutionStatus) -> None:
    unit = ask.stage.stored.begin()
    unit.move_execution(
        ExecutionMove(
            execution_id=ask.execution.execution_id,
            source=ExecutionStatus.AWAITING_APPROVAL,
            target=target,
            actor="id_1",
            at=MOMENT,
            reason="x",
        )
    )
    await unit.commit()


def keyed(execution: Any, approval: Any) -> Any:
    return replace(execution, tool_key="sha256:key"), approval


async def test_an_open_order_is_found_with_its_question_until_it_ends(home: Path) -> None:
    async with asked(home, tamper=keyed) as ask:
        orders, context = OpenOrders(ask.stage.stored), a_context()
        same = await orders.same_as(context, "sha256:key")
        assert same is not None
        assert same.execution_id == ask.execution.execution_id
        assert await orders.question_of(same) == ask.approval
        assert await orders.same_as(context, "sha256:other") is None
        assert await orders.same_as(replace(context, tenant="elsewhere"), "sha256:key") is None
        assert await orders.same_as(context, "") is None
        await end(ask, ExecutionStatus.CANCELLED)
        assert await orders.same_as(context, "sha256:key") is None


async def test_in_its_own_turn_group_an_order_is_found_after_it_ended(home: Path) -> None:
    async with asked(home, tamper=keyed) as ask:
        await end(ask, ExecutionStatus.CANCELLED)
        orders, group = OpenOrders(ask.stage.stored), ask.execution.turn_group
        again = a_context(turn_id="turn_2", turn_group=group)
        same = await orders.same_as(again, "sha256:key")
        assert same is not None
        assert same.status is ExecutionStatus.CANCELLED
        assert await orders.same_as(again, "sha256:other") is None
        assert await orders.same_as(a_context(turn_id="turn_2", turn_group="turn_2"), "sha256:key") is None


async def test_what_runs_asks_nothing_any_more(home: Path) -> None:
    async with asked(home) as ask:
        await ask.decide()
        assert await OpenOrders(ask.stage.stored).question_of(ask.execution) is None
