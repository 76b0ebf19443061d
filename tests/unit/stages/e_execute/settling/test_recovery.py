"""What a dead process left open is settled by journal and probe; nothing of it runs again, nothing is guessed.

The runs here break off in a process that lives; where recovery has to take its owner for dead, the test says so.
"""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from opsconductor.adapters.processes.file_locks import open_processes
from opsconductor.domain.catalogue import Tool
from opsconductor.domain.errors import Conflict
from opsconductor.domain.execution import Closing, Execution, ExecutionStatus, StepStatus
from opsconductor.domain.plan import PlanV1
from opsconductor.domain.turn import AcceptedTurn, ApprovalAnswer, GateVerdict, Trigger
from opsconductor.stages.e_execute.approvals.frozen_plan import FrozenPlan
from opsconductor.stages.e_execute.settling.lease import LEASE_S
from opsconductor.stages.e_execute.steps.run_context import RunContext
from opsconductor.testing.doubles.connector.scripted import ACT, FAIL, ScriptedConnectorDouble
from opsconductor.testing.doubles.failpoints.killing import KillingFailpointsDouble
from opsconductor.testing.executions import HOSTS, a_change, a_plan, a_read, a_step
from tests.unit.stage_e import StageE, open_stage_e

CHANGE, READ = a_change(), a_read()
BLIND = a_change("blind-change", probe=None, no_probe_reason="nothing to read")
TOOLS = (CHANGE, READ, BLIND)


async def allowed(frozen: FrozenPlan) -> GateVerdict:
    """The gate's word on what is approved here."""
    return GateVerdict(outcome="run", level=frozen.level, risk="medium", reasons=())


class Stopped(Exception):
    """The engine ends here."""


DEAD = "1-1-gone"


async def broken_off(stage: StageE, plan: PlanV1, owner: str = DEAD) -> RunContext:
    """A run that ended at the failpoint it was given; its owner is dead unless another one is named."""
    run = await stage.started(plan)
    unit = stage.stored.begin()
    unit.claim_execution(run.execution.execution_id, owner, LEASE_S, run.execution.claim)
    await unit.commit()
    run = replace(run, execution=replace(run.execution, owner=owner, claim=run.execution.claim + 1))
    with pytest.raises(Stopped):
        await stage.executor.execute_plan(plan, None, run)
    return run


def accepted(run: RunContext) -> AcceptedTurn:
    return AcceptedTurn(
        turn_id=run.execution.turn_id,
        tenant="default",
        session_id="sess_1",
        turn_group="turn_1",
        identity_id="id_1",
        channel="cli",
        trigger=Trigger.MESSAGE,
        message="restart billing",
        approval_id="",
        received_at="2026-05-05T12:00:00.000Z",
        owner="dead",
    )


@pytest.mark.parametrize(
    ("place", "tool", "status"),
    [
        ("step.after_intent", CHANGE, StepStatus.UNKNOWN),
        ("step.after_effect", CHANGE, StepStatus.SUCCEEDED),
        ("step.after_result", CHANGE, StepStatus.SUCCEEDED),
        ("step.after_intent", BLIND, StepStatus.UNKNOWN),
        ("step.after_effect", BLIND, StepStatus.UNKNOWN),
        ("step.after_result", BLIND, StepStatus.SUCCEEDED),
    ],
)
async def test_each_place_is_settled_by_what_is_proven(home: Path, place: str, tool: Tool, status: StepStatus) -> None:
    failpoints = KillingFailpointsDouble(fail_at={place: Stopped()})
    async with open_stage_e(home, *TOOLS, failpoints=failpoints) as stage:
        plan = a_plan(a_step(tool, HOSTS[0]), a_step(tool, HOSTS[1], step_id="step_2"))
        run = await broken_off(stage, plan)
        acted = list(stage.connector.world.effects)
        closing = await stage.recovery.settle(await stage.stored_execution(run.execution), stage.catalogue)
        assert stage.connector.world.effects == acted
        journal = await stage.stored.journal("default", run.execution.execution_id)
    first, second = closing.result.step_results
    assert first.status is status
    assert second.status is StepStatus.SKIPPED
    assert [row.result.status for row in journal if row.result] == [status]
    assert closing.result.duration_s is None


@pytest.mark.parametrize(
    ("acts_at_s", "waited_s", "status"),
    [
        (2.0, 0.0, StepStatus.SUCCEEDED),
        (7.0, 5.0, StepStatus.SUCCEEDED),
        (99.0, 5.0, StepStatus.UNKNOWN),
        (99.0, 6.5, StepStatus.FAILED),
        (99.0, 60.0, StepStatus.FAILED),
    ],
)
async def test_what_a_dead_engine_began_may_still_happen_until_its_time_is_up(
    home: Path, acts_at_s: float, waited_s: float, status: StepStatus
) -> None:
    """Time-out 5 s, settle time 1 s, sent within 3 s: before that, "not done" may only mean "not yet"."""
    failpoints = KillingFailpointsDouble(fail_at={"step.after_intent": Stopped()})
    async with open_stage_e(home, *TOOLS, connector=ScriptedConnectorDouble(), failpoints=failpoints) as stage:
        run = await broken_off(stage, a_plan(a_step(CHANGE, HOSTS[0])))
        began = stage.clock.monotonic()

        def act_late(_: object) -> None:
            if stage.clock.monotonic() - began >= acts_at_s and not stage.connector.world.effects:
                stage.connector.world.act(HOSTS[0].name)

        stage.connector._before = act_late
        stage.clock.advance(waited_s)
        closing = await stage.recovery.settle(run.execution, stage.catalogue)
        assert stage.clock.monotonic() - began - waited_s <= 5
    assert [result.status for result in closing.result.step_results] == [status]


async def test_not_done_proves_nothing_while_the_process_that_would_send_it_may_only_stand_still(home: Path) -> None:
    failpoints = KillingFailpointsDouble(fail_at={"step.after_intent": Stopped()})
    with open_processes(home / "run") as other:
        async with open_stage_e(home, *TOOLS, failpoints=failpoints) as stage:
            run = await broken_off(stage, a_plan(a_step(CHANGE, HOSTS[0])), owner=other.me)
            stage.clock.advance(3600)
            assert await stage.recovery.is_left_over(run.execution)
            closing = await stage.recovery.settle(run.execution, stage.catalogue)
            assert closing.result.status is ExecutionStatus.UNKNOWN


async def test_not_done_is_final_once_this_very_process_has_ended_the_run(home: Path) -> None:
    failpoints = KillingFailpointsDouble(fail_at={"step.after_intent": Stopped()})
    async with open_stage_e(home, *TOOLS, failpoints=failpoints) as stage:
        run = await broken_off(stage, a_plan(a_step(CHANGE, HOSTS[0])), owner=stage.processes.me)
        stage.clock.advance(60)
        turn = replace(accepted(run), owner=stage.processes.me)
        told = await stage.recovery.settle_turn(turn, stage.catalogue, stage.stored)
        assert told.execution is not None
        assert told.execution.status is ExecutionStatus.FAILED


async def test_a_former_owner_is_refused_from_the_moment_of_the_take_over(home: Path) -> None:
    """Its late result changes nothing; what it saw stands in the audit."""
    failpoints = KillingFailpointsDouble(fail_at={"step.after_effect": Stopped()})
    async with open_stage_e(home, *TOOLS, failpoints=failpoints) as stage:
        run = await broken_off(stage, a_plan(a_step(CHANGE, HOSTS[0])))
        closing = await stage.recovery.settle(run.execution, stage.catalogue)
        await stage.commit(closing)
        (row,) = await stage.stored.journal("default", run.execution.execution_id)
        assert row.result is not None
        with pytest.raises(Conflict) as caught:
            await stage.journal.conclude(run, replace(row.result, status=StepStatus.FAILED))
        assert caught.value.code == "execution.fenced"
        with pytest.raises(Conflict):
            await stage.journal.intend(run, replace(row.result, step_id="step_2"), None)
        assert await stage.stored.journal("default", run.execution.execution_id) == (row,)
        audit = [row.entry for row in await stage.stored.audit("default")]
        (late,) = [entry for entry in audit if entry.action == "step.late_result"]
        assert late.detail["outcome"] == "failed"
        elsewhere = await stage.recovery.ended_elsewhere(run)
        assert elsewhere is not None
        assert elsewhere.result == closing.result


async def test_two_that_take_over_at_once_settle_it_once(home: Path) -> None:
    failpoints = KillingFailpointsDouble(fail_at={"step.after_effect": Stopped()})
    async with open_stage_e(home, *TOOLS, failpoints=failpoints) as stage:
        run = await broken_off(stage, a_plan(a_step(CHANGE, HOSTS[0])))
        outcomes = await asyncio.gather(
            *(stage.recovery.settle(run.execution, stage.catalogue) for _ in range(5)), return_exceptions=True
        )
        closings = [one for one in outcomes if isinstance(one, Closing)]
        assert len(closings) == 1
        assert {one.code for one in outcomes if isinstance(one, Conflict)} == {"execution.fenced"}
        await stage.commit(closings[0])
        assert (await stage.stored_execution(run.execution)).status is ExecutionStatus.SUCCEEDED


async def test_recovery_that_died_is_recovered_in_its_turn(home: Path) -> None:
    failpoints = KillingFailpointsDouble(fail_at={"step.after_effect": Stopped()})
    async with open_stage_e(home, *TOOLS, failpoints=failpoints) as stage:
        run = await broken_off(stage, a_plan(a_step(CHANGE, HOSTS[0])))
        await stage.recovery.settle(run.execution, stage.catalogue)  # its closing is never stored
        stored = await stage.stored_execution(run.execution)
        assert (stored.status, stored.claim) == (ExecutionStatus.RUNNING, run.execution.claim + 1)
        closing = await stage.recovery.settle(stored, stage.catalogue)
        await stage.commit(closing)
        assert (await stage.stored_execution(run.execution)).status is ExecutionStatus.SUCCEEDED


async def test_what_somebody_else_changed_meanwhile_proves_nothing(home: Path) -> None:
    failpoints = KillingFailpointsDouble(fail_at={"step.after_intent": Stopped()})
    async with open_stage_e(home, *TOOLS, failpoints=failpoints) as stage:
        run = await broken_off(stage, a_plan(a_step(CHANGE, HOSTS[0])))
        failpoints._fail_at.clear()
        stage.clock.advance(LEASE_S)  # the dead one's lock of the target is over
        assert (await stage.run(a_plan(a_step(CHANGE, HOSTS[0])))).result.status is ExecutionStatus.SUCCEEDED
        closing = await stage.recovery.settle(run.execution, stage.catalogue)
        assert closing.result.status is ExecutionStatus.UNKNOWN


async def test_recovery_does_not_wait_long_for_a_slow_effect_and_says_unknown(home: Path) -> None:
    failpoints = KillingFailpointsDouble(fail_at={"step.after_intent": Stopped()})
    async with open_stage_e(home, *TOOLS, failpoints=failpoints) as stage:
        steps = [a_step(CHANGE, HOSTS[0], HOSTS[1], timeout_ms=60_000)]
        run = await broken_off(stage, a_plan(*steps))
        began = stage.clock.monotonic()
        closing = await stage.recovery.settle(run.execution, stage.catalogue)
        assert closing.result.status is ExecutionStatus.UNKNOWN
        assert "may still be under way" in closing.result.step_results[0].error.message  # type: ignore[union-attr]
        assert stage.clock.monotonic() - began <= 5


@pytest.mark.parametrize(
    ("place", "undone", "effect"),
    [
        ("undo.after_intent", StepStatus.UNKNOWN, StepStatus.SUCCEEDED),
        ("undo.after_effect", StepStatus.SUCCEEDED, StepStatus.COMPENSATED),
    ],
)
async def test_an_undo_that_broke_off_is_read_back_like_any_other_effect(
    home: Path, place: str, undone: StepStatus, effect: StepStatus
) -> None:
    back = a_change("service-back")
    world = ScriptedConnectorDouble(ACT, FAIL, ACT)
    failpoints = KillingFailpointsDouble(fail_at={place: Stopped()})
    async with open_stage_e(home, CHANGE, back, connector=world, failpoints=failpoints) as stage:
        first = a_step(CHANGE, HOSTS[0], undo=back.name, undo_inputs={"service": {"input": "service"}})
        second = a_step(CHANGE, HOSTS[1], step_id="step_2", on_failure="undo")
        run = await broken_off(stage, a_plan(first, second, strategy="sequential"))
        closing = await stage.recovery.settle(run.execution, stage.catalogue)
        told = {result.step_id: result.status for result in closing.result.step_results}
        assert told == {"step_1": effect, "step_1.undo": undone, "step_2": StepStatus.FAILED}
        await stage.commit(closing)
        journal = await stage.stored.journal("default", run.execution.execution_id)
        assert {row.intent.step_id: row.result.status for row in journal if row.result} == told
        assert len(stage.connector.world.effects) == 1 + (place == "undo.after_effect")


async def test_what_was_cancelled_and_broke_off_is_told_as_cancelled(home: Path) -> None:
    async with open_stage_e(home, *TOOLS) as stage:
        run = await stage.started(a_plan(a_step(CHANGE, HOSTS[0])))
        unit = stage.stored.begin()
        unit.request_cancel(run.execution.execution_id, "id_1")
        await unit.commit()
        closing = await stage.recovery.settle(await stage.stored_execution(run.execution), stage.catalogue)
        assert closing.result.status is ExecutionStatus.CANCELLED


async def test_an_effect_is_not_settled_by_a_probe_of_another_target_or_tool(home: Path) -> None:
    failpoints = KillingFailpointsDouble(fail_at={"step.after_intent": Stopped()})
    for number, change in enumerate(("host", "tool", "inventory")):
        async with open_stage_e(home / str(number), *TOOLS, failpoints=failpoints) as stage:
            run = await broken_off(stage, a_plan(a_step(CHANGE, HOSTS[0])))
            catalogue = stage.catalogue
            if change == "host":
                stage.inventory.held = (replace(HOSTS[0], ip="192.0.2.7"),)
            elif change == "tool":
                catalogue = replace(catalogue, tools={CHANGE.name: replace(CHANGE, digest="sha256:new")})
            else:
                stage.inventory.down = True
            closing = await stage.recovery.settle(run.execution, catalogue)
        assert closing.result.status is ExecutionStatus.UNKNOWN, change


async def test_open_reads_failed_and_can_be_closed(home: Path) -> None:
    async with open_stage_e(home, *TOOLS) as stage:
        plan = a_plan(a_step(READ, HOSTS[0]))
        execution = stage.approvals.mint(stage.context(), plan, "immediate", ExecutionStatus.RUNNING)
        run = RunContext(execution=execution, catalogue=stage.catalogue)
        await stage.executor.execute_plan(plan, None, run)
        closing = await stage.recovery.settle(replace(execution, claim=1), stage.catalogue)
        await stage.commit(closing)
        assert (await stage.stored_execution(execution)).status is ExecutionStatus.FAILED


async def test_a_turn_that_ran_nothing_says_so(home: Path) -> None:
    async with open_stage_e(home, *TOOLS) as stage:
        run = await stage.started(a_plan(a_step(CHANGE, HOSTS[0])))
        other = replace(accepted(run), turn_id="turn_9")
        told = await stage.recovery.settle_turn(other, stage.catalogue, stage.stored)
        assert (told.refusal_code, told.closing) == ("execution.interrupted", None)
        with pytest.raises(Conflict) as caught:
            await stage.recovery.settle_turn(accepted(run), stage.catalogue, stage.stored)
        assert caught.value.code == "execution.fenced"  # a living process has the run
        mine = replace(accepted(run), owner=stage.processes.me)
        told = await stage.recovery.settle_turn(mine, stage.catalogue, stage.stored)
        assert told.execution is not None
        assert told.execution.step_results[0].status is StepStatus.SKIPPED
        elsewhere = replace(accepted(run), tenant="elsewhere")
        told = await stage.recovery.settle_turn(elsewhere, stage.catalogue, stage.stored)
        assert told.execution is None


async def approved(stage: StageE, turn_id: str) -> tuple[Execution, str]:
    """An execution that the approval turn started, and its approval's id."""
    execution, approval = stage.approvals.propose(stage.context(), a_plan(a_step(CHANGE, HOSTS[0])), 1, "immediate")
    unit = stage.stored.begin()
    unit.add_execution(execution)
    unit.add_approval(approval)
    await unit.commit()
    answer = ApprovalAnswer(approval_id=approval.approval_id, plan_hash=approval.plan_hash, decision="approve")
    await stage.approvals.decide(stage.context(turn_id=turn_id), answer, allowed)
    return execution, approval.approval_id


async def test_an_approval_turn_finds_its_execution_and_who_approved(home: Path) -> None:
    async with open_stage_e(home, *TOOLS) as stage:
        execution, approval_id = await approved(stage, "turn_2")
        run = RunContext(execution=execution, catalogue=stage.catalogue)
        turn = replace(
            accepted(run),
            turn_id="turn_2",
            approval_id=approval_id,
            trigger=Trigger.APPROVAL,
            owner=stage.processes.me,
        )
        told = await stage.recovery.settle_turn(turn, stage.catalogue, stage.stored)
    assert told.execution is not None
    assert [decision.who for decision in told.execution.approvals] == ["id_1"]


@pytest.mark.parametrize("same_process", [False, True])
async def test_a_dead_approval_turn_leaves_the_run_of_a_living_one_alone(home: Path, same_process: bool) -> None:
    async with open_stage_e(home, *TOOLS) as stage:
        execution, approval_id = await approved(stage, "turn_2")
        run = RunContext(execution=execution, catalogue=stage.catalogue)
        other = replace(accepted(run), turn_id="turn_3", approval_id=approval_id, trigger=Trigger.APPROVAL)
        if same_process:
            other = replace(other, owner=stage.processes.me)
        told = await stage.recovery.settle_turn(other, stage.catalogue, stage.stored)
        assert (await stage.stored_execution(execution)).status is ExecutionStatus.RUNNING
        assert await stage.stored.journal("default", execution.execution_id) == ()
    assert (told.refusal_code, told.closing, told.execution) == ("execution.interrupted", None, None)
    assert "another decision" in told.refusal


async def test_a_run_that_broke_in_this_process_is_unknown_where_it_may_have_acted(home: Path) -> None:
    failpoints = KillingFailpointsDouble(fail_at={"step.after_effect": Stopped()})
    async with open_stage_e(home, *TOOLS, failpoints=failpoints) as stage:
        plan = a_plan(a_step(CHANGE, HOSTS[0]), a_step(CHANGE, HOSTS[1], step_id="step_2"))
        run = await broken_off(stage, plan, owner=stage.processes.me)
        closing = await stage.recovery.settle_broken(run)
        assert isinstance(closing, Closing)
        never = replace(run, execution=replace(run.execution, execution_id="exec_never"))
        assert await stage.recovery.settle_broken(never) is None
    assert [result.status for result in closing.result.step_results] == [StepStatus.UNKNOWN, StepStatus.SKIPPED]
