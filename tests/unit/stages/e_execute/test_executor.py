"""A start is durable before anything runs, and the closing is what P11 can commit."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from opsconductor.domain.catalogue import Effect
from opsconductor.domain.errors import Conflict, Unavailable
from opsconductor.domain.execution import Closing, ExecutionStatus, Paused, StepStatus
from opsconductor.ports.connector import ConnectorCall, ConnectorResult
from opsconductor.stages.e_execute.steps.run_context import RunContext
from opsconductor.testing.doubles.connector.scripted import ACT, FAIL, HANG_UP, NOT_SENT, ScriptedConnectorDouble
from opsconductor.testing.doubles.storage.failing import REFUSE, FailingStorageDouble, at_method
from opsconductor.testing.executions import HOSTS, a_change, a_plan, a_read, a_step
from tests.unit.stage_e import StageE, open_stage_e

CHANGE, READ = a_change(), a_read()


async def ended(stage: StageE, run: RunContext) -> Closing:
    """The run's closing, committed as P11 does."""
    closing = await stage.executor.execute_plan(run.execution.plan, None, run)
    assert isinstance(closing, Closing)
    await stage.commit(closing)
    return closing


async def cancel(stage: StageE, run: RunContext) -> None:
    unit = stage.stored.begin()
    unit.request_cancel(run.execution.execution_id, "id_2")
    await unit.commit()


async def take_over(stage: StageE, run: RunContext) -> None:
    """Another process claims the run."""
    unit = stage.stored.begin()
    unit.claim_execution(run.execution.execution_id, "somebody else", 15.0, run.execution.claim)
    await unit.commit()


def fresh(stage: StageE, *hosts: int) -> RunContext:
    plan = a_plan(a_step(READ, *(HOSTS[number] for number in hosts)))
    execution = stage.approvals.mint(stage.context(), plan, "immediate", ExecutionStatus.RUNNING)
    return RunContext(execution=execution, catalogue=stage.catalogue)


async def test_a_read_only_turn_starts_with_one_commit(home: Path) -> None:
    async with open_stage_e(home, READ, wrap=FailingStorageDouble) as stage:
        run = fresh(stage, 0, 1)
        closing = await ended(stage, run)
        assert isinstance(stage.storage, FailingStorageDouble)
        assert len(stage.storage.commits) == 1
        stored = await stage.stored_execution(run.execution)
        journal = await stage.stored.journal("default", run.execution.execution_id)
        audit = [row.entry.action for row in await stage.stored.audit("default")]
    assert stored.status is ExecutionStatus.SUCCEEDED
    assert stored.result == closing.result
    assert [row.result.status for row in journal if row.result] == [StepStatus.SUCCEEDED] * 2
    assert audit == ["execution.started"]


async def test_an_approved_read_can_be_closed_too(home: Path) -> None:
    """Its approval started the execution: the reads must be in the journal all the same."""
    async with open_stage_e(home, READ, CHANGE) as stage:
        plan = a_plan(a_step(CHANGE, HOSTS[0]), a_step(READ, HOSTS[0], step_id="step_2"))
        run = await stage.started(plan)
        closing = await ended(stage, run)
        assert [result.step_id for result in closing.results] == ["step_2"]
        assert (await stage.stored_execution(run.execution)).status is ExecutionStatus.SUCCEEDED


async def test_an_effect_the_store_did_not_take_is_closed_with_the_turn(home: Path) -> None:
    def fault_once(storage: Any) -> FailingStorageDouble:
        return FailingStorageDouble(storage, at_method("record_result", REFUSE))

    async with open_stage_e(home, CHANGE, wrap=fault_once) as stage:
        run = await stage.started(a_plan(a_step(CHANGE, HOSTS[0])))
        closing = await ended(stage, run)
        (row,) = await stage.stored.journal("default", run.execution.execution_id)
    assert row.result == closing.result.step_results[0]
    assert closing.result.status is ExecutionStatus.SUCCEEDED


async def test_a_start_that_is_not_recorded_runs_nothing(home: Path) -> None:
    def refuse(storage: Any) -> FailingStorageDouble:
        return FailingStorageDouble(storage, at_method("add_execution", REFUSE))

    async with open_stage_e(home, READ, wrap=refuse) as stage:
        run = fresh(stage, 0)
        with pytest.raises(Unavailable):
            await stage.executor.execute_plan(run.execution.plan, None, run)
        assert stage.connector.calls == []


async def test_without_the_inventory_every_step_fails_before_it_began(home: Path) -> None:
    async with open_stage_e(home, CHANGE) as stage:
        run = await stage.started(a_plan(a_step(CHANGE, *HOSTS)))
        stage.inventory.down = True
        closing = await ended(stage, run)
        assert stage.connector.calls == []
    assert closing.result.status is ExecutionStatus.FAILED
    assert closing.result.failure_count == 3
    assert closing.result.error is not None
    assert closing.result.error.code == "inventory.unavailable"


async def test_a_read_that_failed_or_was_not_allowed_is_closed(home: Path) -> None:
    look = a_read(run=a_change().run)
    async with open_stage_e(home, look, connector=ScriptedConnectorDouble(FAIL)) as stage:
        plan = a_plan(a_step(look, HOSTS[0]))
        execution = stage.approvals.mint(stage.context(), plan, "immediate", ExecutionStatus.RUNNING)
        closing = await ended(stage, RunContext(execution=execution, catalogue=stage.catalogue))
    assert closing.result.status is ExecutionStatus.FAILED
    assert closing.move.actor == "id_1"
    assert closing.move.reason == "0 of 1 succeeded, 1 failed, 0 unknown"


# The claim: whoever holds it writes, and nobody else.


async def test_a_start_claims_the_run_for_its_process(home: Path) -> None:
    async with open_stage_e(home, READ) as stage:
        run = fresh(stage, 0)
        closing = await stage.executor.execute_plan(run.execution.plan, None, run)
        stored = await stage.stored_execution(run.execution)
        (row,) = await stage.stored.journal("default", run.execution.execution_id)
    assert (stored.claim, stored.owner, closing.claim, row.intent.claim) == (1, stage.processes.me, 1, 1)


async def test_an_intent_names_the_approval_that_allows_it_and_a_read_names_none(home: Path) -> None:
    async with open_stage_e(home) as stage:
        run = await stage.started(a_plan(a_step(CHANGE, HOSTS[0]), a_step(READ, HOSTS[0], step_id="step_2")))
        await ended(stage, run)
        rows = await stage.stored.journal("default", run.execution.execution_id)
    assert {row.intent.step_id: row.intent.approval_id for row in rows} == {"step_1": "appr_1", "step_2": ""}


async def test_a_run_that_was_taken_over_sends_nothing_more(home: Path) -> None:
    async with open_stage_e(home, CHANGE) as stage:
        run = await stage.started(a_plan(a_step(CHANGE, *HOSTS)))
        await take_over(stage, run)
        with pytest.raises(Conflict) as refused:
            await stage.executor.execute_plan(run.execution.plan, None, run)
        assert stage.connector.changes == []
        assert await stage.stored.journal("default", run.execution.execution_id) == ()
    assert refused.value.code == "execution.fenced"


@pytest.mark.parametrize("strategy", ["sequential", "parallel"])
async def test_what_is_seen_after_a_take_over_is_not_recorded_and_nothing_follows(home: Path, strategy: str) -> None:
    class TakenOver(ScriptedConnectorDouble):
        async def call(self, call: ConnectorCall) -> ConnectorResult:
            answer = await super().call(call)
            if call.run.argv[0] != "read":
                await take_over(stage, run)
            return answer

    async with open_stage_e(home, CHANGE, connector=TakenOver()) as stage:
        steps = (a_step(CHANGE, HOSTS[0]), a_step(CHANGE, HOSTS[1], step_id="step_2", depends_on=("step_1",)))
        run = await stage.started(a_plan(*steps, strategy=strategy))
        with pytest.raises(Conflict) as refused:
            await stage.executor.execute_plan(run.execution.plan, None, run)
        assert stage.connector.world.effects == ["app-01"]
        (row,) = await stage.stored.journal("default", run.execution.execution_id)
        assert row.result is None
        assert (await stage.stored_execution(run.execution)).status is ExecutionStatus.RUNNING
    assert refused.value.code == "execution.fenced"
    assert run.execution.execution_id in refused.value.message


async def test_who_wakes_up_late_sends_nothing(home: Path) -> None:
    """The intent is stored, then the process sleeps past its lease: what it was about to send is not sent."""

    class Sleeping:
        async def hit(self, name: str) -> None:
            if name == "step.after_intent":
                stage.clock.advance(16)

    async with open_stage_e(home, CHANGE, failpoints=Sleeping()) as stage:
        run = await stage.started(a_plan(a_step(CHANGE, HOSTS[0])))
        with pytest.raises(Conflict, match="may have taken"):
            await stage.executor.execute_plan(run.execution.plan, None, run)
        assert stage.connector.changes == []


# Cancelling: the running step ends, later ones never start, and the word for it is true.


@pytest.mark.parametrize(
    ("word", "status"),
    [
        (ACT, ExecutionStatus.PARTIAL),
        (HANG_UP, ExecutionStatus.UNKNOWN),
        (NOT_SENT, ExecutionStatus.CANCELLED),
    ],
)
async def test_a_cancel_lets_the_running_step_end_and_no_other_begin(
    home: Path, word: str, status: ExecutionStatus
) -> None:
    class Cancelled(ScriptedConnectorDouble):
        async def call(self, call: ConnectorCall) -> ConnectorResult:
            if call.run.argv[0] != "read":
                await cancel(stage, run)
            return await super().call(call)

    async with open_stage_e(home, connector=Cancelled(word)) as stage:
        steps = (
            a_step(CHANGE, HOSTS[0], on_failure="continue"),
            a_step(CHANGE, HOSTS[1], step_id="step_2", on_failure="continue"),
            a_step(READ, HOSTS[2], step_id="step_3"),
        )
        run = await stage.started(a_plan(*steps))
        closing = await ended(stage, run)
        assert (await stage.stored_execution(run.execution)).status is status
    assert len(stage.connector.changes) == 1
    assert [one.status for one in closing.result.step_results][1:] == [StepStatus.SKIPPED] * 2
    codes = [one.error.code for one in closing.result.step_results[1:] if one.error]
    assert codes == ["execution.cancelled"] * 2


async def test_a_cancel_keeps_later_reads_from_beginning(home: Path) -> None:
    look = a_read("look", connector="cancelling")

    class Cancelling(ScriptedConnectorDouble):
        async def call(self, call: ConnectorCall) -> ConnectorResult:
            await cancel(stage, run)
            return await super().call(call)

    async with open_stage_e(home, look, READ, others={"cancelling": Cancelling()}) as stage:
        run = fresh(stage, 0)
        plan = a_plan(a_step(look, HOSTS[0]), a_step(READ, HOSTS[0], step_id="step_2"))
        run = replace(run, execution=replace(run.execution, plan=plan))
        closing = await ended(stage, run)
    assert stage.connector.calls == []
    assert [one.status for one in closing.result.step_results] == [StepStatus.SUCCEEDED, StepStatus.SKIPPED]


# Level 3: each changing step waits for a person's word.

DROP = a_change("drop", effect=Effect.IRREVERSIBLE)


def three_steps() -> tuple[Any, ...]:
    return (
        a_step(READ, HOSTS[0]),
        a_step(DROP, HOSTS[0], step_id="step_2"),
        a_step(READ, HOSTS[0], step_id="step_3"),
        a_step(DROP, HOSTS[1], step_id="step_4"),
    )


async def test_a_run_stops_before_each_step_that_nobody_has_confirmed(home: Path) -> None:
    async with open_stage_e(home, READ, DROP) as stage:
        run = replace(await stage.started(a_plan(*three_steps(), strategy="parallel")), confirmed=frozenset())
        first = await stage.executor.execute_plan(run.execution.plan, None, run)
        assert isinstance(first, Paused)
        assert (first.step_id, stage.connector.changes) == ("step_2", [])
        assert [one.step_id for one in first.results] == ["step_1"]
        second = await resumed(stage, run, first, "step_2")
        assert isinstance(second, Paused)
        assert second.step_id == "step_4"
        assert [one.step_id for one in second.done] == ["step_1", "step_2", "step_3"]
        assert [one.step_id for one in second.results] == ["step_3"]
        assert stage.connector.world.effects == ["app-01"]
        third = await resumed(stage, run, second, "step_2", "step_4")
        assert isinstance(third, Closing)
        await stage.commit(third)
        rows = await stage.stored.journal("default", run.execution.execution_id)
    assert stage.connector.world.effects == ["app-01", "app-02"]
    assert third.result.status is ExecutionStatus.SUCCEEDED
    assert third.result.success_count == 4
    assert all(row.result is not None for row in rows)
    assert third.results == ()


async def resumed(stage: StageE, run: RunContext, paused: Paused, *confirmed: str) -> Closing | Paused:
    """What P11 and the confirmation's approval do between two legs of a run."""
    unit = stage.stored.begin()
    for result in paused.results:
        unit.record_result(paused.execution_id, result, result.attempts[-1].number, claim=paused.claim)
    unit.move_execution(paused.move, claim=paused.claim)
    await unit.commit()
    unit = stage.stored.begin()
    unit.move_execution(replace(paused.move, source=paused.move.target, target=ExecutionStatus.RUNNING))
    unit.claim_execution(paused.execution_id, run.execution.owner, 15.0, paused.claim)
    await unit.commit()
    execution = replace(run.execution, claim=paused.claim + 1)
    leg = replace(run, execution=execution, done=paused.done, confirmed=frozenset(confirmed), unrecorded=[])
    return await stage.executor.execute_plan(execution.plan, None, leg)


async def test_a_failure_is_not_followed_by_a_question(home: Path) -> None:
    async with open_stage_e(home, READ, DROP, connector=ScriptedConnectorDouble(FAIL)) as stage:
        run = await stage.started(a_plan(*three_steps()))
        closing = await stage.executor.execute_plan(
            run.execution.plan, None, replace(run, confirmed=frozenset({"step_2"}))
        )
    assert isinstance(closing, Closing)
    assert [one.status.value for one in closing.result.step_results] == ["succeeded", "failed", "skipped", "skipped"]


# Outputs.


@pytest.mark.parametrize("tool", [a_read("log", run=CHANGE.run), a_change("log")])
async def test_a_long_output_is_cut_in_the_result_and_kept_whole(home: Path, tool: Any) -> None:
    long: dict[str, Any] = {"count": 1, "lines": [f"line {number}" for number in range(2000)]}
    noted = replace(tool, output={"count": {"type": "integer"}, "lines": {"type": "array"}})
    async with open_stage_e(home, noted, connector=ScriptedConnectorDouble(output=long)) as stage:
        run = await stage.started(a_plan(a_step(noted, HOSTS[0])))
        closing = await ended(stage, run)
        (result,) = closing.result.step_results
        assert result.output_ref == f"{run.execution.execution_id}.step_1.{HOSTS[0].asset_id}.1"
        kept = await stage.stored.output("default", result.output_ref)
        foreign = await stage.stored.output("another", result.output_ref)
    assert kept is not None
    assert json.loads(kept) == long
    assert foreign is None
    assert len(json.dumps(result.output)) < 12_000
    assert isinstance(result.output, dict)
    assert result.output["count"] == 1
