"""What waits too long is ended and told, and nothing that was decided in time."""

from pathlib import Path

from opsconductor.domain.approvals import ApprovalState
from opsconductor.domain.execution import ExecutionStatus
from opsconductor.stages.e_execute.approval_manager import VALID_FOR
from opsconductor.stages.e_execute.settling.overdue import Overdue
from opsconductor.testing.executions import HOSTS, a_plan, a_step
from tests.unit.waiting import APPROVER, CHANGE, SECOND, asked


async def test_it_ends_what_is_past_its_time_and_only_that(home: Path) -> None:
    async with asked(home) as ask:
        overdue = Overdue(ask.stage.stored, ask.stage.clock)
        assert await overdue.close(ask.approval) is False
        ask.stage.clock.advance(VALID_FOR.total_seconds())
        await ask.audit_something()
        closed = await overdue.close_all()
        assert [one.approval_id for one in closed] == [ask.approval.approval_id]
        assert (await ask.state(), (await ask.stored()).status) == (ApprovalState.EXPIRED, ExecutionStatus.CANCELLED)
        assert "approval.expired" in await ask.audited()
        assert await overdue.close_all() == ()


async def test_a_plan_that_nobody_edited_ends_too(home: Path) -> None:
    async with asked(home) as ask:
        await ask.decide("request_changes", reason="not now")
        ask.stage.clock.advance(VALID_FOR.total_seconds())
        assert len(await Overdue(ask.stage.stored, ask.stage.clock).close_all()) == 1
        assert (await ask.state(), (await ask.stored()).status) == (ApprovalState.WITHDRAWN, ExecutionStatus.CANCELLED)


async def test_a_decision_at_the_last_moment_stands(home: Path) -> None:
    async with asked(home) as ask:
        late = ask.approval
        await ask.decide()
        ask.stage.clock.advance(VALID_FOR.total_seconds())
        assert await Overdue(ask.stage.stored, ask.stage.clock).close(late) is False
        assert (await ask.state(), (await ask.stored()).status) == (ApprovalState.CONSUMED, ExecutionStatus.RUNNING)


async def test_a_step_that_nobody_confirmed_ends_the_run_and_tells_what_it_did(home: Path) -> None:
    plan = a_plan(a_step(CHANGE, HOSTS[0]), a_step(CHANGE, HOSTS[1], step_id="step_2"))
    async with asked(home, plan, level=3) as ask:
        await ask.decide(identity=APPROVER)
        running = (await ask.decide(identity=SECOND)).execution
        await ask.did(running, "step_1")
        await ask.paused(running, "step_2")
        ask.stage.clock.advance(VALID_FOR.total_seconds())
        await Overdue(ask.stage.stored, ask.stage.clock).close_all()
        ended = await ask.stored()
        assert ended.status is ExecutionStatus.CANCELLED
        assert ended.result is not None
        assert (ended.result.success_count, len(ended.result.step_results)) == (1, 2)
