"""One way to run a step: nothing happens before its intent is durable, and no outcome is claimed that is not proven."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from opsconductor.domain.catalogue import Criterion, Effect
from opsconductor.domain.errors import Conflict
from opsconductor.domain.execution import Closing, ExecutionStatus, StepResult, StepStatus
from opsconductor.domain.plan import planned_target
from opsconductor.ports.connector import ConnectorCall
from opsconductor.ports.failpoints import PLACES
from opsconductor.ports.storage import Storage
from opsconductor.stages.e_execute.settling.lease import LEASE_S
from opsconductor.stages.e_execute.settling.proof import SENT_WITHIN_S
from opsconductor.testing.doubles.clock.moving import MovingClockDouble
from opsconductor.testing.doubles.connector.scripted import (
    ACT,
    ACT_THEN_FAIL,
    ACT_THEN_HANG,
    ACT_THEN_HANG_UP,
    FAIL,
    HANG,
    HANG_UP,
    LIE,
    NOT_SENT,
    ScriptedConnectorDouble,
)
from opsconductor.testing.doubles.failpoints.killing import KillingFailpointsDouble
from opsconductor.testing.doubles.storage.failing import DO_THEN_RAISE, REFUSE, FailingStorageDouble, at_method
from opsconductor.testing.executions import HOSTS, a_change, a_plan, a_read, a_step
from tests.unit.stage_e import StageE, open_stage_e

APP_01, APP_02, APP_03 = HOSTS
CHANGE, READ = a_change(), a_read()
NO_PROBE = a_change("blind-change", probe=None, no_probe_reason="nothing to read")


def failing(method: str, fault: str, times: int = 1) -> Callable[[Storage], FailingStorageDouble]:
    return lambda storage: FailingStorageDouble(storage, at_method(method, fault, times))


async def closing_of(folder: Path, word: str, tool: Any = CHANGE, **changes: Any) -> tuple[Closing, StageE]:
    async with open_stage_e(folder, tool, connector=ScriptedConnectorDouble(word)) as stage:
        return await stage.run(a_plan(a_step(tool, APP_01, **changes))), stage


def code_of(result: StepResult) -> str:
    return result.error.code if result.error is not None else ""


def only(closing: Closing) -> StepResult:
    (result,) = closing.result.step_results
    return result


@pytest.mark.parametrize(
    ("word", "acted", "status"),
    [
        (ACT, True, StepStatus.SUCCEEDED),
        (ACT_THEN_HANG_UP, True, StepStatus.SUCCEEDED),
        (ACT_THEN_FAIL, True, StepStatus.SUCCEEDED),
        (HANG_UP, False, StepStatus.UNKNOWN),  # the far side may still be at it
        (FAIL, False, StepStatus.FAILED),
        (NOT_SENT, False, StepStatus.FAILED),
        (LIE, False, StepStatus.UNKNOWN),
    ],
)
async def test_with_a_probe_the_outcome_is_what_happened(
    home: Path, word: str, acted: bool, status: StepStatus
) -> None:
    closing, stage = await closing_of(home, word)
    assert only(closing).status is status
    assert bool(stage.connector.world.effects) is acted


@pytest.mark.parametrize(
    ("word", "status"),
    [
        (ACT, StepStatus.SUCCEEDED),
        (ACT_THEN_HANG_UP, StepStatus.UNKNOWN),
        (ACT_THEN_FAIL, StepStatus.UNKNOWN),
        (HANG_UP, StepStatus.UNKNOWN),
        (FAIL, StepStatus.UNKNOWN),
        (NOT_SENT, StepStatus.FAILED),
    ],
)
async def test_without_a_probe_what_is_not_shown_is_unknown(home: Path, word: str, status: StepStatus) -> None:
    closing, _ = await closing_of(home, word, NO_PROBE)
    assert only(closing).status is status


@pytest.mark.parametrize(
    ("word", "status", "overall"),
    [
        (HANG, StepStatus.UNKNOWN, ExecutionStatus.UNKNOWN),
        (ACT_THEN_HANG, StepStatus.SUCCEEDED, ExecutionStatus.SUCCEEDED),
    ],
)
async def test_out_of_time_proves_nothing_but_what_can_be_seen(
    home: Path, word: str, status: StepStatus, overall: ExecutionStatus
) -> None:
    closing, _ = await closing_of(home, word, timeout_ms=20)
    assert (only(closing).status, closing.result.status) == (status, overall)


async def test_out_of_time_without_proof_is_unknown(home: Path) -> None:
    closing, _ = await closing_of(home, HANG, NO_PROBE, timeout_ms=20)
    assert closing.result.status is ExecutionStatus.UNKNOWN


async def test_a_read_that_hangs_fails_out_of_time(home: Path) -> None:
    hanging = a_read("hanging-read", run=replace(READ.run, argv=("look",)))
    closing, _ = await closing_of(home, HANG, hanging, timeout_ms=20)
    assert closing.result.status is ExecutionStatus.TIMED_OUT


async def test_not_done_is_believed_only_after_the_settle_time(home: Path) -> None:
    """The effect shows late: the first readings after the call say "not done" and must not count."""
    readings: list[float] = []

    def act_late(call: ConnectorCall) -> None:
        readings.append(stage.clock.monotonic())
        if stage.clock.monotonic() > 0.5 and not connector.world.effects:
            connector.world.act("app-01")

    connector = ScriptedConnectorDouble(HANG_UP, before=act_late)
    async with open_stage_e(home, CHANGE, connector=connector) as stage:
        closing = await stage.run(a_plan(a_step(CHANGE, APP_01)))
    assert only(closing).status is StepStatus.SUCCEEDED
    assert len(readings) > 3


async def test_intent_and_audit_row_are_in_the_store_when_the_call_arrives(home: Path) -> None:
    seen: list[tuple[list[str], list[str]]] = []

    async def look() -> None:
        journal = await stage.stored.journal("default", stage_run.execution.execution_id)
        audit = await stage.stored.audit("default")
        seen.append(([row.intent.step_id for row in journal], [row.entry.action for row in audit]))

    class Looking(ScriptedConnectorDouble):
        async def call(self, call: ConnectorCall) -> Any:
            if call.run.argv[0] != "read":
                await look()
            return await super().call(call)

    async with open_stage_e(home, CHANGE, connector=Looking()) as stage:
        stage_run = await stage.started(a_plan(a_step(CHANGE, APP_01)))
        await stage.executor.execute_plan(stage_run.execution.plan, None, stage_run)
        audit = [row.entry.action for row in await stage.stored.audit("default")]
    assert seen == [(["step_1"], ["step.intent"])]
    assert audit == ["step.intent", "step.succeeded"]


@pytest.mark.parametrize(("fault", "attempts"), [(REFUSE, 0), (DO_THEN_RAISE, 1)])
async def test_no_call_is_made_when_the_intent_is_not_acknowledged(home: Path, fault: str, attempts: int) -> None:
    """An intent that the store took all the same is closed as one of which nothing came."""
    async with open_stage_e(home, CHANGE, wrap=failing("record_intent", fault)) as stage:
        closing = await stage.run(a_plan(a_step(CHANGE, APP_01)))
        assert stage.connector.changes == []
        assert stage.connector.world.effects == []
        await stage.commit(closing)
        rows = await stage.stored.journal("default", closing.execution_id)
    assert only(closing).status is StepStatus.FAILED
    assert code_of(only(closing)) == "audit.unwritable"
    assert len(only(closing).attempts) == attempts
    assert [row.result for row in rows] == [only(closing)] * attempts


async def test_a_result_the_store_took_without_saying_so_counts(home: Path) -> None:
    async with open_stage_e(home, CHANGE, wrap=failing("record_result", DO_THEN_RAISE)) as stage:
        closing = await stage.run(a_plan(a_step(CHANGE, APP_01), a_step(CHANGE, APP_02, step_id="step_2")))
    assert closing.result.status is ExecutionStatus.SUCCEEDED
    assert closing.results == ()


async def test_a_result_the_store_did_not_take_ends_the_run_and_goes_to_the_closing(home: Path) -> None:
    async with open_stage_e(home, CHANGE, wrap=failing("record_result", REFUSE)) as stage:
        steps = (a_step(CHANGE, APP_01, APP_02), a_step(CHANGE, APP_03, step_id="step_2"))
        closing = await stage.run(a_plan(*steps))
        assert stage.connector.world.effects == ["app-01"]
    statuses = [result.status for result in closing.result.step_results]
    assert statuses == [StepStatus.SUCCEEDED, StepStatus.SKIPPED, StepStatus.SKIPPED]
    assert [result.target for result in closing.results] == ["app-01"]
    assert closing.result.status is ExecutionStatus.PARTIAL


async def test_a_result_is_fenced_by_its_attempt(home: Path) -> None:
    async with open_stage_e(home, CHANGE) as stage:
        run = await stage.started(a_plan(a_step(CHANGE, APP_01)))
        closing = await stage.executor.execute_plan(run.execution.plan, None, run)
        assert isinstance(closing, Closing)
        late = replace(only(closing), status=StepStatus.FAILED)
        with pytest.raises(Conflict) as refused:
            await stage.journal.conclude(run, late)
        assert refused.value.code == "execution.fenced"
        (row,) = await stage.stored.journal("default", run.execution.execution_id)
    assert row.result is not None
    assert row.result.status is StepStatus.SUCCEEDED


@pytest.mark.parametrize("lasts_s", [0.0, LEASE_S + 1])
async def test_what_is_read_back_may_be_another_runs_effect_once_the_target_was_free(
    home: Path, lasts_s: float
) -> None:
    """The call breaks without acting; while its answer was awaited, lease and lock ended and another run acted."""
    others: list[StepStatus] = []

    class Standing(ScriptedConnectorDouble):
        async def call(self, call: ConnectorCall) -> Any:
            answer = await super().call(call)
            if answer.outcome == "unknown" and lasts_s:
                stage.clock.advance(lasts_s)
                other = await stage.run(a_plan(a_step(CHANGE, APP_01)))
                others.append(only(other).status)
            return answer

    async with open_stage_e(home, CHANGE, connector=Standing(HANG_UP, ACT)) as stage:
        run = await stage.started(a_plan(a_step(CHANGE, APP_01)))
        closing = await stage.executor.execute_plan(run.execution.plan, None, run)
        assert isinstance(closing, Closing)
        rows = await stage.stored.journal("default", run.execution.execution_id)
    assert others == [StepStatus.SUCCEEDED] * bool(lasts_s)
    assert len(stage.connector.world.effects) == len(others)
    assert only(closing).status is StepStatus.UNKNOWN
    assert [row.result.status for row in rows if row.result] == [StepStatus.UNKNOWN]


async def test_what_the_far_side_itself_told_counts_whatever_others_have_done_since(home: Path) -> None:
    class Standing(ScriptedConnectorDouble):
        async def call(self, call: ConnectorCall) -> Any:
            answer = await super().call(call)
            if call.run.argv[0] != "read" and len(self.world.effects) == 1:
                stage.clock.advance(LEASE_S + 1)
                await stage.run(a_plan(a_step(CHANGE, APP_01)))
            return answer

    async with open_stage_e(home, CHANGE, connector=Standing(ACT)) as stage:
        closing = await stage.run(a_plan(a_step(CHANGE, APP_01)))
    assert only(closing).status is StepStatus.SUCCEEDED
    assert len(stage.connector.world.effects) == 2


async def test_the_first_trouble_ends_an_effect_and_every_target_is_told(home: Path) -> None:
    connector = ScriptedConnectorDouble(ACT, FAIL)
    async with open_stage_e(home, CHANGE, connector=connector) as stage:
        closing = await stage.run(a_plan(a_step(CHANGE, APP_01, APP_02, APP_03)))
    told = [(result.target, result.status) for result in closing.result.step_results]
    assert told == [
        ("app-01", StepStatus.SUCCEEDED),
        ("app-02", StepStatus.FAILED),
        ("app-03", StepStatus.SKIPPED),
    ]
    assert closing.result.status is ExecutionStatus.PARTIAL
    assert [call.target.name for call in connector.changes if call.target] == ["app-01", "app-02"]


@pytest.mark.parametrize(("on_failure", "second"), [("stop", StepStatus.SKIPPED), ("continue", StepStatus.SUCCEEDED)])
async def test_later_steps_after_a_failure(home: Path, on_failure: str, second: StepStatus) -> None:
    connector = ScriptedConnectorDouble(NOT_SENT, ACT)
    async with open_stage_e(home, CHANGE, connector=connector) as stage:
        steps = (a_step(CHANGE, APP_01, on_failure=on_failure), a_step(CHANGE, APP_02, step_id="step_2"))
        closing = await stage.run(a_plan(*steps))
    assert [result.status for result in closing.result.step_results] == [StepStatus.FAILED, second]


async def test_what_depends_on_a_failed_step_never_starts(home: Path) -> None:
    connector = ScriptedConnectorDouble(NOT_SENT, ACT)
    async with open_stage_e(home, CHANGE, connector=connector) as stage:
        dependent = a_step(CHANGE, APP_02, step_id="step_2", on_failure="continue", depends_on=("step_1",))
        further = a_step(CHANGE, APP_03, step_id="step_3", on_failure="continue", depends_on=("step_2",))
        closing = await stage.run(a_plan(a_step(CHANGE, APP_01, on_failure="continue"), dependent, further))
        assert stage.connector.world.effects == []
    assert [result.status for result in closing.result.step_results][1:] == [StepStatus.SKIPPED] * 2


async def test_steps_after_the_deadline_are_not_begun(home: Path) -> None:
    connector = ScriptedConnectorDouble(before=lambda call: stage.clock.advance(4))
    async with open_stage_e(home, READ, connector=connector) as stage:
        steps = [a_step(READ, APP_01, step_id=f"step_{number}") for number in (1, 2, 3)]
        closing = await stage.run(a_plan(*steps, timeout_s=7.0))
    statuses = [result.status for result in closing.result.step_results]
    assert statuses == [StepStatus.SUCCEEDED, StepStatus.SUCCEEDED, StepStatus.SKIPPED]
    assert closing.result.step_results[2].error is not None
    assert closing.result.step_results[2].error.code == "execution.timed_out"


async def test_an_asset_that_is_gone_or_changed_is_not_touched(home: Path) -> None:
    async with open_stage_e(home, CHANGE) as stage:
        stage.inventory.held = (replace(APP_01, ip="192.0.2.7"),)
        plan = a_plan(a_step(CHANGE, APP_01, on_failure="continue"), a_step(CHANGE, APP_02, step_id="step_2"))
        closing = await stage.run(plan)
        assert stage.connector.calls == []
    codes = [result.error.code for result in closing.result.step_results if result.error]
    assert codes == ["approval.drift", "asset.not_found"]
    assert all(result.attempts == () for result in closing.result.step_results)


@pytest.mark.parametrize("change", [{"ip": "192.0.2.7"}, {"connection": {"port": 23}}, {"environment": "production"}])
def test_a_planned_target_differs_as_soon_as_it_is_reached_otherwise(change: dict[str, Any]) -> None:
    assert planned_target(replace(APP_01, **change)) != planned_target(APP_01)
    assert planned_target(replace(APP_01, status="retired", attributes={"x": 1})) == planned_target(APP_01)


@pytest.mark.parametrize(
    ("expression", "words"),
    [("target.environment == 'production'", "Only in production."), ("input.nowhere == 1", "nowhere")],
)
async def test_an_unmet_precondition_stops_before_anything(home: Path, expression: str, words: str) -> None:
    guarded = a_change(preconditions=(Criterion(expression=expression, message="Only in production."),))
    closing, stage = await closing_of(home, ACT, guarded)
    assert stage.connector.calls == []
    error = only(closing).error
    assert error is not None
    assert error.code == "execution.precondition"
    assert words in error.message


@pytest.mark.parametrize(("expression", "status"), [("output.count == 1", "succeeded"), ("output.pid > 0", "failed")])
async def test_success_criteria_are_judged_on_the_output(home: Path, expression: str, status: str) -> None:
    read = a_read(success=(Criterion(expression=expression, message="No count."),))
    async with open_stage_e(home, read) as stage:
        stage.connector.world.act("app-01")
        closing = await stage.run(a_plan(a_step(read, APP_01)))
    assert only(closing).status.value == status


async def test_output_of_the_wrong_type_is_no_success(home: Path) -> None:
    read = a_read(output={"count": {"type": "string"}})
    closing, _ = await closing_of(home, ACT, read)
    assert only(closing).status is StepStatus.FAILED


async def test_reads_go_to_several_hosts_at_once(home: Path) -> None:
    together = asyncio.Barrier(3)

    class Meeting(ScriptedConnectorDouble):
        async def call(self, call: ConnectorCall) -> Any:
            await asyncio.wait_for(together.wait(), 5)
            return await super().call(call)

    async with open_stage_e(home, READ, connector=Meeting()) as stage:
        closing = await stage.run(a_plan(a_step(READ, *HOSTS)))
    assert closing.result.success_count == 3
    assert len(closing.results) == 3


async def test_hidden_inputs_and_readings_stand_in_no_record(home: Path) -> None:
    secret = a_change(redact=("password", "count"), success=())

    class Echoing(ScriptedConnectorDouble):
        async def call(self, call: ConnectorCall) -> Any:
            answer = await super().call(call)
            return replace(answer, request={"argv": ["act", f"--password={call.inputs['password']}", "billing"]})

    async with open_stage_e(home, secret, connector=Echoing()) as stage:
        step = a_step(secret, APP_01, inputs={"service": "billing", "password": "hunter2"})
        closing = await stage.run(a_plan(step))
    (attempt,) = only(closing).attempts
    assert attempt.request == {"argv": ["act", "--password=[redacted]", "billing"]}
    assert attempt.before == {}
    assert "hunter2" not in repr(only(closing))


async def test_a_step_passes_the_places_where_a_crash_is_most_dangerous_in_their_order(home: Path) -> None:
    failpoints = KillingFailpointsDouble()
    async with open_stage_e(home, CHANGE, failpoints=failpoints) as stage:
        await stage.run(a_plan(a_step(CHANGE, APP_01)))
    step = ["before_intent", "after_intent", "after_effect", "before_result", "after_result"]
    assert failpoints.hits == [
        "start.before_commit",
        "start.after_commit",
        *(f"step.{place}" for place in step),
        "closing.before",
    ]


async def test_one_run_and_its_pause_pass_every_place_there_is(home: Path) -> None:
    failpoints = KillingFailpointsDouble()
    deploy = a_change("deploy", undo="service-restart", retries=1)
    script = ScriptedConnectorDouble(NOT_SENT, ACT, ACT, FAIL)
    async with open_stage_e(home, deploy, CHANGE, READ, connector=script, failpoints=failpoints) as stage:
        step = a_step(deploy, *HOSTS, canary=1, verify=READ.name, undo=CHANGE.name, on_failure="undo", retries=1)
        await stage.run(a_plan(step))
        run = replace(await stage.started(a_plan(a_step(CHANGE, APP_01))), confirmed=frozenset())
        await stage.executor.execute_plan(run.execution.plan, None, run)
    assert set(failpoints.hits) == set(PLACES)


async def test_a_tool_without_its_connector_fails_before_anything(home: Path) -> None:
    lost = a_change(connector="winrm", effect=Effect.IDEMPOTENT)
    closing, _ = await closing_of(home, ACT, lost)
    assert only(closing).error is not None
    assert only(closing).error.code == "connector.unknown"  # type: ignore[union-attr]


async def test_nothing_is_sent_when_the_intent_took_too_long_to_write_down(home: Path) -> None:
    """Whoever reads back after a crash reckons that it was sent soon after its intent, or not at all."""

    class Slow(FailingStorageDouble):
        def next_fault(self, methods: tuple[str, ...]) -> str:
            if "record_intent" in methods:
                clock.advance(SENT_WITHIN_S + 0.1)
            return super().next_fault(methods)

    clock = MovingClockDouble()
    async with open_stage_e(home, a_change(), wrap=Slow, clock=clock) as stage:
        closing = await stage.run(a_plan(a_step(a_change(), HOSTS[0])))
        (result,) = closing.result.step_results
        assert stage.connector.changes == []
        assert (result.status, result.error and result.error.code) == (StepStatus.FAILED, "store.unavailable")
        (row,) = await stage.stored.journal("default", closing.execution_id)
        assert row.result == result
