"""Unknown outcomes become known one by one; the execution ends as all results together say, however many settle it."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from opsconductor.domain.errors import Conflict
from opsconductor.domain.execution import Execution, ExecutionStatus, StepResult, StepStatus
from opsconductor.stages.e_execute.settling.settlement import Settlement
from opsconductor.testing.doubles.connector.scripted import HANG_UP, ScriptedConnectorDouble
from opsconductor.testing.executions import HOSTS, a_change, a_plan, a_step
from tests.unit.stage_e import StageE, open_stage_e

BLIND = a_change("blind-change", probe=None, no_probe_reason="nothing to read")


async def unknown_twice(stage: StageE) -> tuple[Execution, tuple[StepResult, ...]]:
    """An ended execution with two steps of which nobody knows what they came to."""
    steps = [a_step(BLIND, host, step_id=f"step_{host.name}", on_failure="continue") for host in HOSTS[:2]]
    closing = await stage.run(a_plan(*steps, strategy="sequential"))
    await stage.commit(closing)
    stored = await stage.stored.execution("default", closing.execution_id)
    assert stored is not None
    assert stored.status is ExecutionStatus.UNKNOWN
    assert [one.status for one in closing.result.step_results] == [StepStatus.UNKNOWN] * 2
    return stored, closing.result.step_results


async def settle(stage: StageE, execution: Execution, result: StepResult, status: StepStatus) -> Execution:
    known = replace(result, status=status, error=None, note="seen by ana")
    return await Settlement(stage.stored, stage.clock).settle(
        execution, (known,), actor="id_2", action="step.resolved", reason="looked", again_s=0
    )


@pytest.mark.parametrize(
    ("first", "second", "end"),
    [
        (StepStatus.SUCCEEDED, StepStatus.SUCCEEDED, ExecutionStatus.SUCCEEDED),
        (StepStatus.SUCCEEDED, StepStatus.FAILED, ExecutionStatus.PARTIAL),
        (StepStatus.FAILED, StepStatus.FAILED, ExecutionStatus.FAILED),
    ],
)
async def test_it_ends_when_the_last_one_is_known(
    home: Path, first: StepStatus, second: StepStatus, end: ExecutionStatus
) -> None:
    async with open_stage_e(home, BLIND, connector=ScriptedConnectorDouble(HANG_UP)) as stage:
        execution, (one, other) = await unknown_twice(stage)
        half = await settle(stage, execution, one, first)
        assert half.status is ExecutionStatus.UNKNOWN
        assert half.result is not None
        assert half.result.unknown_count == 1
        whole = await settle(stage, half, other, second)
        assert whole.status is end
        assert whole.result is not None
        assert [result.status for result in whole.result.step_results] == [first, second]
        assert whole.result.status is end
        moves = await stage.stored.moves("default", execution.execution_id)
        assert [(move.source, move.target) for move in moves][-1] == (ExecutionStatus.UNKNOWN, end)
        entries = [row.entry for row in await stage.stored.audit("default")]
        told = [(one.actor, one.detail["reason"]) for one in entries if one.action == "step.resolved"]
        assert told == [("id_2", "looked")] * 2


async def test_two_who_settle_different_steps_at_once_lose_nothing(home: Path) -> None:
    async with open_stage_e(home, BLIND, connector=ScriptedConnectorDouble(HANG_UP)) as stage:
        execution, (one, other) = await unknown_twice(stage)
        await asyncio.gather(
            settle(stage, execution, one, StepStatus.SUCCEEDED), settle(stage, execution, other, StepStatus.FAILED)
        )
        stored = await stage.stored_execution(execution)
        assert stored.status is ExecutionStatus.PARTIAL
        assert stored.result is not None
        assert (stored.result.success_count, stored.result.failure_count) == (1, 1)


async def test_what_is_known_is_not_settled_again(home: Path) -> None:
    async with open_stage_e(home, BLIND, connector=ScriptedConnectorDouble(HANG_UP)) as stage:
        execution, (one, _) = await unknown_twice(stage)
        half = await settle(stage, execution, one, StepStatus.FAILED)
        for status in (StepStatus.SUCCEEDED, StepStatus.FAILED):
            with pytest.raises(Conflict) as caught:
                await settle(stage, half, one, status)
            assert caught.value.code == "execution.not_unknown"
        assert await stage.stored_execution(execution) == half


async def test_a_late_word_about_what_is_known_only_stands_in_the_audit(home: Path) -> None:
    async with open_stage_e(home, BLIND, connector=ScriptedConnectorDouble(HANG_UP)) as stage:
        execution, (one, _) = await unknown_twice(stage)
        half = await settle(stage, execution, one, StepStatus.FAILED)
        late = replace(one, status=StepStatus.SUCCEEDED, error=None)
        await Settlement(stage.stored, stage.clock).tell_late(execution, late, read_back=False)
        assert await stage.stored_execution(execution) == half
        entries = [row.entry for row in await stage.stored.audit("default")]
        assert [one.detail["outcome"] for one in entries if one.action == "step.late_result"] == ["succeeded"]
