"""What waits is ended at once; of what runs the step under way ends, and nothing starts after the order is stored."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from opsconductor.adapters.authorizer.cedar import CedarAuthorizer
from opsconductor.domain.approvals import ApprovalState
from opsconductor.domain.errors import OpsConductorError
from opsconductor.domain.execution import Closing, Execution, ExecutionStatus, StepStatus
from opsconductor.domain.identity import Identity, Role
from opsconductor.ports.connector import ConnectorCall, ConnectorResult
from opsconductor.stages.e_execute.approvals.ordered_once import OrderKey
from opsconductor.stages.e_execute.settling.cancellation import Cancellation
from opsconductor.testing.contracts.storage import samples
from opsconductor.testing.doubles.connector.scripted import ScriptedConnectorDouble
from opsconductor.testing.doubles.storage.failing import FailingStorageDouble
from opsconductor.testing.executions import HOSTS, a_change, a_plan, a_step
from tests.unit.stage_e import StageE, open_stage_e

CHANGE = a_change()
PLAN = a_plan(a_step(CHANGE, HOSTS[0]), a_step(CHANGE, HOSTS[1], step_id="step_2"), strategy="sequential")
REQUESTER = Identity(identity_id="id_1", tenant="default", name="ana", roles=frozenset({Role.REQUESTER}))
APPROVER = Identity(identity_id="id_2", tenant="default", name="ben", roles=frozenset({Role.APPROVER}))
STRANGER = Identity(identity_id="id_3", tenant="default", name="cem", roles=frozenset({Role.REQUESTER}))


def cancelling(stage: StageE) -> Cancellation:
    return Cancellation(stage.stored, CedarAuthorizer(), stage.clock)


async def waiting(stage: StageE) -> tuple[Execution, str]:
    """An execution that waits for approval, and its approval's id."""
    execution, approval = stage.approvals.propose(stage.context(), PLAN, 2, "immediate")
    unit = stage.stored.begin()
    unit.add_execution(execution)
    unit.add_approval(approval)
    await unit.commit()
    return execution, approval.approval_id


@pytest.mark.parametrize("who", [REQUESTER, APPROVER])
async def test_what_waits_is_cancelled_with_its_question(home: Path, who: Identity) -> None:
    async with open_stage_e(home, CHANGE) as stage:
        execution, approval_id = await waiting(stage)
        ended = await cancelling(stage).cancel(who, execution.execution_id, "not needed")
        assert (ended.status, ended.cancelled_by) == (ExecutionStatus.CANCELLED, who.identity_id)
        approval = await stage.stored.approval("default", approval_id)
        assert approval is not None
        assert approval.state is ApprovalState.WITHDRAWN
        (move,) = await stage.stored.moves("default", execution.execution_id)
        assert (move.target, move.actor, move.reason) == (ExecutionStatus.CANCELLED, who.identity_id, "not needed")
        actions = [row.entry.action for row in await stage.stored.audit("default")]
        assert actions == ["execution.cancel_requested", "execution.cancelled"]


async def test_of_what_runs_the_step_under_way_ends_and_no_later_one_begins(home: Path) -> None:
    arrived, go_on = asyncio.Event(), asyncio.Event()

    class Slow(ScriptedConnectorDouble):
        async def call(self, call: ConnectorCall) -> ConnectorResult:
            if call.run.argv[0] == "act":
                arrived.set()
                await go_on.wait()
            return await super().call(call)

    async with open_stage_e(home, CHANGE, connector=Slow()) as stage, asyncio.TaskGroup() as group:
        run = await stage.started(PLAN)
        task = group.create_task(stage.executor.execute_plan(PLAN, None, run))
        await arrived.wait()
        asked = await cancelling(stage).cancel(REQUESTER, run.execution.execution_id)
        assert (asked.status, asked.cancelled_by) == (ExecutionStatus.RUNNING, "id_1")
        again = await cancelling(stage).cancel(APPROVER, run.execution.execution_id)
        assert again.cancelled_by == "id_1"
        go_on.set()
        closing = await task
        assert isinstance(closing, Closing)
        assert [one.status for one in closing.result.step_results] == [StepStatus.SUCCEEDED, StepStatus.SKIPPED]
        assert len(stage.connector.world.effects) == 1
        await stage.commit(closing)
        with pytest.raises(OpsConductorError) as caught:
            await cancelling(stage).cancel(REQUESTER, run.execution.execution_id)
        assert caught.value.code == "execution.not_cancellable"


async def test_who_has_nothing_to_do_with_it_may_not(home: Path) -> None:
    async with open_stage_e(home, CHANGE) as stage:
        execution, _ = await waiting(stage)
        elsewhere = Identity(identity_id="id_1", tenant="elsewhere", name="ana", roles=frozenset(Role))
        for who, code in ((STRANGER, "rights.denied"), (elsewhere, "execution.not_found")):
            with pytest.raises(OpsConductorError) as caught:
                await cancelling(stage).cancel(who, execution.execution_id)
            assert caught.value.code == code
        assert (await stage.stored_execution(execution)).status is ExecutionStatus.AWAITING_APPROVAL


async def test_the_same_order_again_is_answered_and_another_one_under_its_key_refused(home: Path) -> None:
    async with open_stage_e(home, CHANGE) as stage:
        execution, _ = await waiting(stage)
        for _ in range(2):
            ended = await cancelling(stage).cancel(
                REQUESTER, execution.execution_id, order=OrderKey(key="k", body_hash="one")
            )
            assert ended.status is ExecutionStatus.CANCELLED
        with pytest.raises(OpsConductorError) as caught:
            await cancelling(stage).cancel(
                REQUESTER, execution.execution_id, order=OrderKey(key="k", body_hash="other")
            )
        assert caught.value.code == "request.idempotency_reused"


async def test_a_cancel_that_meets_a_start_asks_the_run_to_stop(home: Path) -> None:
    """It looked while the execution waited; when it writes, the execution runs."""
    async with open_stage_e(home, CHANGE) as stage:
        execution, approval_id = await waiting(stage)

        class Started(FailingStorageDouble):
            async def approvals_of(self, tenant: str, execution_id: str) -> object:
                found = await stage.stored.approvals_of(tenant, execution_id)
                if found[0].state is not ApprovalState.PENDING:
                    return found
                unit = stage.stored.begin()
                unit.decide_approval(approval_id, samples.decision(), ApprovalState.APPROVED)
                unit.consume_approval(approval_id, execution.plan_hash)
                unit.move_execution(
                    replace(samples.move("awaiting_approval", "running"), execution_id=execution.execution_id)
                )
                await unit.commit()
                return found

        racing: Any = Started(stage.stored)
        asked = await Cancellation(racing, CedarAuthorizer(), stage.clock).cancel(REQUESTER, execution.execution_id)
        assert (asked.status, asked.cancelled_by) == (ExecutionStatus.RUNNING, "id_1")
