"""A run that ends while it waits tells what it did, and that the rest was not run."""

from pathlib import Path

from opsconductor.domain.execution import ExecutionStatus, StepStatus
from opsconductor.stages.e_execute.steps.ended_early import cancelled, decisions_of, done_so_far, so_far
from opsconductor.testing.executions import HOSTS, a_plan, a_step
from tests.unit.waiting import APPROVER, CHANGE, SECOND, asked

PLAN = a_plan(a_step(CHANGE, HOSTS[0]), a_step(CHANGE, HOSTS[1], step_id="step_2", depends_on=("step_1",)))
AT = "2026-05-05T13:00:00.000Z"


async def test_what_ran_is_told_beside_what_did_not(home: Path) -> None:
    async with asked(home, PLAN, level=3) as ask:
        await ask.decide(identity=APPROVER)
        running = (await ask.decide(identity=SECOND)).execution
        await ask.did(running, "step_1")
        done = await done_so_far(ask.stage.stored, running)
        assert [result.step_id for result in done] == ["step_1"]
        waiting = so_far(running, done, (), AT)
        assert (waiting.status, waiting.success_count, waiting.completed_at) == (
            ExecutionStatus.AWAITING_APPROVAL,
            1,
            None,
        )
        ended = cancelled(running, done, (), AT, "approver rejected it.")
        assert ended is not None
        assert ended.status is ExecutionStatus.CANCELLED
        assert [(one.step_id, one.status) for one in ended.step_results] == [
            ("step_1", StepStatus.SUCCEEDED),
            ("step_2", StepStatus.SKIPPED),
        ]
        skipped = ended.step_results[1].error
        assert skipped is not None
        assert (skipped.code, skipped.message) == ("execution.cancelled", "approver rejected it.")


async def test_of_what_never_began_there_is_nothing_to_tell(home: Path) -> None:
    async with asked(home, PLAN) as ask:
        assert await done_so_far(ask.stage.stored, ask.execution) == ()
        assert cancelled(ask.execution, (), (), AT, "x") is None
        assert so_far(ask.execution, (), (), AT).step_results == ()


async def test_every_word_on_an_execution_is_found(home: Path) -> None:
    async with asked(home, PLAN, level=3) as ask:
        await ask.decide(identity=APPROVER)
        await ask.decide(identity=SECOND)
        found = await decisions_of(ask.stage.stored, ask.execution)
        assert [decision.who_name for decision in found] == ["approver", "second"]
