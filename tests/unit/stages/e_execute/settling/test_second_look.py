"""What was left unknown because something might still have acted is settled once that is over, by the probe alone."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from opsconductor.adapters.processes.file_locks import open_processes
from opsconductor.domain.execution import Execution, ExecutionStatus, StepStatus
from opsconductor.stages.e_execute.settling.second_look import LOOK_FOR, SecondLook
from opsconductor.testing.doubles.connector.scripted import HANG_UP, ScriptedConnectorDouble
from opsconductor.testing.doubles.failpoints.killing import KillingFailpointsDouble
from opsconductor.testing.executions import HOSTS, a_change, a_plan, a_step
from tests.unit.stage_e import StageE, open_stage_e
from tests.unit.stages.e_execute.settling.test_recovery import DEAD, Stopped, broken_off

CHANGE = a_change()
BLIND = a_change("blind-change", probe=None, no_probe_reason="nothing to read")


@asynccontextmanager
async def left_unknown(home: Path, owner: str = DEAD, hosts: int = 1) -> AsyncIterator[tuple[StageE, Execution]]:
    """An execution that recovery had to leave unknown: its intents are there, nothing of it has happened yet."""
    failpoints = KillingFailpointsDouble(fail_at={"step.after_intent": Stopped()})
    async with open_stage_e(home, CHANGE, BLIND, connector=ScriptedConnectorDouble(), failpoints=failpoints) as stage:
        run = await broken_off(stage, a_plan(a_step(CHANGE, *HOSTS[:hosts])), owner)
        await stage.commit(await stage.recovery.settle(run.execution, stage.catalogue))
        failpoints._fail_at.clear()
        stored = await stage.stored_execution(run.execution)
        assert stored.status is ExecutionStatus.UNKNOWN
        yield stage, stored


def looking(stage: StageE) -> SecondLook:
    return SecondLook(stage.stored, stage.inventory, stage.recovery.prover, stage.clock)


@pytest.mark.parametrize(
    ("acts", "status", "step"),
    [
        (True, ExecutionStatus.SUCCEEDED, StepStatus.SUCCEEDED),
        (False, ExecutionStatus.FAILED, StepStatus.FAILED),
    ],
)
async def test_it_is_settled_once_nothing_can_act_any_more(
    home: Path, acts: bool, status: ExecutionStatus, step: StepStatus
) -> None:
    async with left_unknown(home) as (stage, unknown):
        assert await looking(stage).settle_due(stage.catalogue) == ()
        stage.clock.advance(30)
        if acts:
            stage.connector.world.act(HOSTS[0].name)
        (settled,) = await looking(stage).settle_due(stage.catalogue)
        assert await looking(stage).settle_due(stage.catalogue) == ()
        assert settled == await stage.stored_execution(unknown)
        assert settled.status is status
        assert settled.result is not None
        assert (settled.result.status, settled.result.unknown_count) == (status, 0)
        (result,) = settled.result.step_results
        assert result.status is step
        assert "read back later" in result.note
        (row,) = await stage.stored.journal("default", unknown.execution_id)
        assert row.result == result
        moves = await stage.stored.moves("default", unknown.execution_id)
        assert (moves[-1].source, moves[-1].target, moves[-1].actor) == (ExecutionStatus.UNKNOWN, status, "system")
        audit = [one.entry for one in await stage.stored.audit("default")]
        (entry,) = [one for one in audit if one.action == "step.settled"]
        assert entry.detail["outcome"] == step.value


async def test_it_happens_late_and_is_seen_as_soon_as_it_is_looked_at_again(home: Path) -> None:
    async with left_unknown(home) as (stage, _):
        stage.connector.world.act(HOSTS[0].name)
        (settled,) = await looking(stage).settle_due(stage.catalogue)
        assert settled.status is ExecutionStatus.SUCCEEDED


async def test_a_target_that_does_not_answer_is_asked_again(home: Path) -> None:
    async with left_unknown(home) as (stage, unknown):
        stage.connector.readable = False
        stage.clock.advance(60)
        for _ in range(3):
            assert await looking(stage).settle_due(stage.catalogue) == ()
            stage.clock.advance(6)
        stage.connector.readable = True
        assert [one.execution_id for one in await looking(stage).settle_due(stage.catalogue)] == [unknown.execution_id]


async def test_a_process_that_stands_still_may_act_until_it_is_dead(home: Path) -> None:
    with open_processes(home / "run") as other:
        async with left_unknown(home, other.me) as (stage, _):
            stage.clock.advance(60)
            assert await looking(stage).settle_due(stage.catalogue) == ()
            other.close()
            stage.clock.advance(6)
            (settled,) = await looking(stage).settle_due(stage.catalogue)
            assert settled.status is ExecutionStatus.FAILED


async def test_after_a_while_a_reading_proves_nothing_and_nobody_looks_any_more(home: Path) -> None:
    async with left_unknown(home) as (stage, unknown):
        stage.clock.advance(LOOK_FOR.total_seconds())
        stage.connector.world.act(HOSTS[0].name)
        assert await looking(stage).settle_due(stage.catalogue) == ()
        assert await stage.stored.unknown_executions_due(10) == ()
        assert (await stage.stored_execution(unknown)).status is ExecutionStatus.UNKNOWN


async def test_what_somebody_else_has_changed_since_is_left_to_a_person(home: Path) -> None:
    async with left_unknown(home) as (stage, unknown):
        stage.clock.advance(30)
        assert (await stage.run(a_plan(a_step(CHANGE, HOSTS[0])))).result.status is ExecutionStatus.SUCCEEDED
        assert await looking(stage).settle_due(stage.catalogue) == ()
        assert await stage.stored.unknown_executions_due(10) == ()
        assert (await stage.stored_execution(unknown)).status is ExecutionStatus.UNKNOWN


async def test_without_a_probe_nobody_looks_again(home: Path) -> None:
    failpoints = KillingFailpointsDouble(fail_at={"step.after_effect": Stopped()})
    async with open_stage_e(home, CHANGE, BLIND, failpoints=failpoints) as stage:
        run = await broken_off(stage, a_plan(a_step(BLIND, HOSTS[0])))
        await stage.commit(await stage.recovery.settle(run.execution, stage.catalogue))
        stage.clock.advance(60)
        assert await looking(stage).settle_due(stage.catalogue) == ()
        assert await stage.stored.unknown_executions_due(10) == ()


async def test_a_run_that_got_no_answer_is_settled_although_its_process_lives(home: Path) -> None:
    """It has ended itself and said so: nothing more is sent, only the far side may still act until its time is up."""
    async with open_stage_e(home, CHANGE, connector=ScriptedConnectorDouble(HANG_UP)) as stage:
        closing = await stage.run(a_plan(a_step(CHANGE, HOSTS[0])))
        assert closing.result.status is ExecutionStatus.UNKNOWN
        await stage.commit(closing)
        assert await looking(stage).settle_due(stage.catalogue) == ()
        stage.clock.advance(30)
        (settled,) = await looking(stage).settle_due(stage.catalogue)
        assert settled.status is ExecutionStatus.FAILED


async def test_what_a_former_owner_tells_late_settles_what_recovery_could_not(home: Path) -> None:
    with open_processes(home / "run") as other:
        async with left_unknown(home, other.me) as (stage, unknown):
            (row,) = await stage.stored.journal("default", unknown.execution_id)
            assert row.result is not None
            seen = replace(row.result, status=StepStatus.SUCCEEDED, error=None, note="Seen.")
            await stage.journal._settlement.tell_late(replace(unknown, claim=row.intent.claim), seen, read_back=True)
            settled = await stage.stored_execution(unknown)
            assert settled.status is ExecutionStatus.SUCCEEDED
            assert settled.result is not None
            assert settled.result.step_results[0].note == "Seen. Told late by the process that ran it."


@pytest.mark.parametrize(("read_back", "status"), [(True, ExecutionStatus.UNKNOWN), (False, ExecutionStatus.SUCCEEDED)])
async def test_a_late_reading_settles_nothing_once_somebody_else_has_changed_the_target(
    home: Path, read_back: bool, status: ExecutionStatus
) -> None:
    """It may show the other one's effect; only what the far side itself has told is still about this one."""
    with open_processes(home / "run") as other:
        async with left_unknown(home, other.me) as (stage, unknown):
            (row,) = await stage.stored.journal("default", unknown.execution_id)
            assert row.result is not None
            stage.clock.advance(30)
            assert (await stage.run(a_plan(a_step(CHANGE, HOSTS[0])))).result.status is ExecutionStatus.SUCCEEDED
            seen = replace(row.result, status=StepStatus.SUCCEEDED, error=None, note="Seen.")
            former = replace(unknown, claim=row.intent.claim)
            await stage.journal._settlement.tell_late(former, seen, read_back=read_back)
            assert (await stage.stored_execution(unknown)).status is status
            told = [one.entry.action for one in await stage.stored.audit("default")]
            assert "step.late_result" in told
