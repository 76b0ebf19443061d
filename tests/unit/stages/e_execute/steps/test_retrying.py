"""At most once is the rule: only what does no harm twice, and is proven to have failed, may be tried again."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from opsconductor.domain.catalogue import Effect, Tool
from opsconductor.domain.execution import Attempt, Closing, ExecutionStatus, StepError, StepResult, StepStatus
from opsconductor.domain.plan import PlanStep
from opsconductor.ports.storage import StepJournal
from opsconductor.stages.e_execute.steps.retrying import may_retry, pause_s
from opsconductor.stages.e_execute.steps.run_context import RunContext
from opsconductor.testing.doubles.connector.scripted import (
    ACT,
    ACT_THEN_FAIL,
    ACT_THEN_HANG_UP,
    FAIL,
    HANG_UP,
    LIE,
    NOT_SENT,
    ScriptedConnectorDouble,
)
from opsconductor.testing.executions import COUNTED, HOSTS, a_change, a_plan, a_read, a_step
from tests.unit.stage_e import StageE, open_stage_e

RESULT = StepResult(
    step_id="step_1", tool="t", target="", target_id="", status=StepStatus.FAILED, attempts=(), started_at="",
    completed_at="", duration_s=0.0,
)  # fmt: skip


@given(
    st.sampled_from(Effect), st.sampled_from(Effect), st.sampled_from(StepStatus), st.integers(0, 9), st.integers(0, 9)
)
def test_the_rule(effect: Effect, planned: Effect, status: StepStatus, attempts: int, retries: int) -> None:
    tool = a_change(effect=effect)
    step = a_step(tool, effect=planned.value, retries=retries)
    tried = replace(RESULT, status=status, attempts=tuple(Attempt(number=n, started_at="") for n in range(attempts)))
    allowed = may_retry(step, tool, tried)
    harmless = effect is planned and effect in (Effect.READ, Effect.IDEMPOTENT)
    assert allowed == (harmless and status is StepStatus.FAILED and 1 <= attempts <= retries)


def test_the_pause_doubles() -> None:
    step = a_step(a_change(), retry_pause_ms=500)
    assert [pause_s(step, attempts) for attempts in (1, 2, 3)] == [0.5, 1.0, 2.0]


# On the engine.


async def run_with(
    folder: Path, tool: Tool, script: list[str], **step: Any
) -> tuple[Closing, StageE, list[StepJournal]]:
    async with open_stage_e(folder, tool, connector=ScriptedConnectorDouble(*script)) as stage:
        run = await stage.started(a_plan(a_step(tool, HOSTS[0], retry_pause_ms=1000, **step)))
        closing = await stage.executor.execute_plan(run.execution.plan, None, run)
        assert isinstance(closing, Closing)
        await stage.commit(closing)
        return closing, stage, list(await stage.stored.journal("default", run.execution.execution_id))


async def test_each_retry_is_an_attempt_of_its_own_in_the_journal_after_a_doubled_pause(home: Path) -> None:
    closing, stage, rows = await run_with(home, a_change(), [NOT_SENT, FAIL, ACT], retries=3)
    (result,) = closing.result.step_results
    assert result.status is StepStatus.SUCCEEDED
    assert result.error is None
    assert [attempt.number for attempt in result.attempts] == [1, 2, 3]
    assert [(row.intent.attempt, row.result.status.value) for row in rows if row.result] == [
        (1, "failed"),
        (2, "failed"),
        (3, "succeeded"),
    ]
    assert stage.connector.world.effects == ["app-01"]
    assert stage.clock.monotonic() >= 3.0


async def test_a_read_is_tried_again_too_and_its_attempts_are_recorded(home: Path) -> None:
    closing, _stage, rows = await run_with(home, a_read("look", run=a_change().run), [FAIL, NOT_SENT, ACT], retries=2)
    assert closing.result.status is ExecutionStatus.SUCCEEDED
    assert [(row.intent.attempt, row.result.status.value) for row in rows if row.result] == [
        (1, "failed"),
        (2, "failed"),
        (3, "succeeded"),
    ]
    assert [one.attempts[-1].number for one in closing.results] == [3]


async def test_after_the_last_attempt_the_failure_stands(home: Path) -> None:
    closing, _stage, rows = await run_with(home, a_change(), [FAIL], retries=2)
    (result,) = closing.result.step_results
    assert (result.status, len(result.attempts), len(rows)) == (StepStatus.FAILED, 3, 3)
    assert result.error is not None
    assert "exit status 1" in result.error.message


async def test_no_retry_begins_after_the_executions_time(home: Path) -> None:
    tool = a_change()
    async with open_stage_e(home, tool, connector=ScriptedConnectorDouble(FAIL)) as stage:
        plan = a_plan(a_step(tool, HOSTS[0], retries=9, retry_pause_ms=4000), timeout_s=5.0)
        closing = await stage.run(plan)
    assert len(closing.result.step_results[0].attempts) == 2


async def test_no_retry_begins_once_the_rights_are_withdrawn(home: Path) -> None:
    asked: list[float] = []

    async def withdrawn(run: RunContext, step: PlanStep) -> StepError | None:
        asked.append(stage.clock.monotonic())
        return StepError(code="rights.denied", message="Gone.") if len(asked) > 1 else None

    tool = a_change()
    connector = ScriptedConnectorDouble(FAIL, ACT)
    async with open_stage_e(home, tool, connector=connector, rights=withdrawn) as stage:
        closing = await stage.run(a_plan(a_step(tool, HOSTS[0], retries=3, retry_pause_ms=1000)))
        rows = await stage.stored.journal("default", closing.execution_id)
    (result,) = closing.result.step_results
    assert len(stage.connector.changes) == 1
    assert (result.status, len(result.attempts), len(rows)) == (StepStatus.FAILED, 1, 1)
    assert rows[0].result == result
    assert len(asked) == 2
    assert asked[1] - asked[0] >= 1.0  # asked after the pause, not before it


SCRIPTS = st.lists(
    st.sampled_from([ACT, ACT_THEN_FAIL, ACT_THEN_HANG_UP, FAIL, HANG_UP, LIE, NOT_SENT]), min_size=1, max_size=5
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(script=SCRIPTS, effect=st.sampled_from(Effect), retries=st.integers(0, 4), probed=st.booleans())
async def test_what_is_not_idempotent_is_sent_at_most_once(
    tmp_path_factory: pytest.TempPathFactory, script: list[str], effect: Effect, retries: int, probed: bool
) -> None:
    tool = a_change(effect=effect, probe=COUNTED if probed else None, retries=retries)
    closing, stage, rows = await run_with(tmp_path_factory.mktemp("run"), tool, script, retries=retries)
    sent = len(stage.connector.changes)
    assert sent == len(rows)
    assert sent <= 1 + (retries if effect in (Effect.READ, Effect.IDEMPOTENT) else 0)
    if effect is not Effect.READ:
        statuses = [row.result.status for row in rows if row.result]
        assert all(status is StepStatus.FAILED for status in statuses[:-1])
        happened = bool(stage.connector.world.effects)
        lied = LIE in script and not probed  # then nothing but the far side's word is known
        assert closing.result.status is not ExecutionStatus.SUCCEEDED or happened or lied
        assert closing.result.status is not ExecutionStatus.FAILED or not happened
