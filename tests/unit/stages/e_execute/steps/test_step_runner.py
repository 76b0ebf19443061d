"""One step over its targets: canary, batches, verification between them, and what a failure declares for the rest."""

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from opsconductor.domain.catalogue import Criterion
from opsconductor.domain.execution import Closing, ExecutionStatus, StepResult, StepStatus
from opsconductor.ports.connector import ConnectorCall, ConnectorResult
from opsconductor.testing.doubles.clock.moving import MovingClockDouble
from opsconductor.testing.doubles.connector.scripted import ACT, FAIL, NOT_SENT, ScriptedConnectorDouble
from opsconductor.testing.doubles.failpoints.killing import KillingFailpointsDouble
from opsconductor.testing.doubles.inventory.in_memory import an_asset
from opsconductor.testing.executions import a_change, a_plan, a_read, a_step
from tests.unit.stage_e import StageE, open_stage_e

MANY = tuple(an_asset(f"web-0{number}", environment="staging", platform="linux") for number in range(1, 7))
CHANGE = a_change()


def told(closing: Closing, step_id: str = "step_1") -> dict[str, str]:
    return {one.target: one.status.value for one in closing.result.step_results if one.step_id == step_id}


def changed(stage: StageE) -> list[str]:
    return [call.target.name for call in stage.connector.changes if call.target]


class Unwell(ScriptedConnectorDouble):
    """Reads of one target say that nothing was counted there, once it was changed."""

    def __init__(self, target: str) -> None:
        super().__init__()
        self.target = target

    async def call(self, call: ConnectorCall) -> ConnectorResult:
        answer = await super().call(call)
        is_look = call.run.argv == ("read", "well")
        if is_look and call.target is not None and call.target.name == self.target:
            return ConnectorResult(outcome="done", ok=True, output={"count": 0})
        return answer


def looking(**changes: Any) -> Any:
    well = Criterion(expression="output.count > 0", message="Nothing was counted.")
    return a_read("look", run=a_read().run.__class__(argv=("read", "well")), success=(well,), **changes)


async def test_each_part_is_verified_before_the_next_begins(home: Path) -> None:
    look = looking()
    async with open_stage_e(home, CHANGE, look, hosts=MANY) as stage:
        closing = await stage.run(a_plan(a_step(CHANGE, *MANY, canary=1, batch=3, verify="look")))
    assert closing.result.status is ExecutionStatus.SUCCEEDED
    order = [
        f"{'look' if call.run.argv == ('read', 'well') else 'change'} {call.target.name}"
        for call in stage.connector.calls
        if call.target and call.run.argv != ("read", "count")
    ]
    batch = ["web-02", "web-03", "web-04"]
    assert order == [
        "change web-01",
        "look web-01",
        *(f"change {name}" for name in batch),
        *(f"look {name}" for name in batch),
        *(f"change {name}" for name in ("web-05", "web-06")),
        *(f"look {name}" for name in ("web-05", "web-06")),
    ]
    assert told(closing, "step_1.verify") == {host.name: "succeeded" for host in MANY}
    assert closing.result.success_count == 6


async def test_a_part_that_is_not_well_stops_the_rollout_with_the_reason(home: Path) -> None:
    async with open_stage_e(home, CHANGE, looking(), hosts=MANY, connector=Unwell("web-01")) as stage:
        closing = await stage.run(a_plan(a_step(CHANGE, *MANY[:3], canary=1, verify="look", on_failure="continue")))
    assert changed(stage) == ["web-01"]
    assert told(closing) == {"web-01": "succeeded", "web-02": "skipped", "web-03": "skipped"}
    assert closing.result.status is ExecutionStatus.PARTIAL
    error = next(one.error for one in closing.result.step_results if one.status is StepStatus.SKIPPED)
    assert error is not None
    assert error.message == "The rollout stopped: web-01 is not well after it. Nothing was counted."


@pytest.mark.parametrize(
    ("hosts", "on_failure", "status", "first"),
    [
        (1, "stop", ExecutionStatus.PARTIAL, "succeeded"),
        (1, "continue", ExecutionStatus.PARTIAL, "succeeded"),
        (1, "undo", ExecutionStatus.FAILED, "compensated"),
        (3, "undo", ExecutionStatus.FAILED, "compensated"),
    ],
)
async def test_the_last_part_is_looked_at_too_and_is_taken_back_where_it_is_not_well(
    home: Path, hosts: int, on_failure: str, status: ExecutionStatus, first: str
) -> None:
    tool = a_change(undo=CHANGE.name, undo_inputs={"service": {"input": "service"}})
    step = a_step(tool, *MANY[:hosts], verify="look", on_failure=on_failure, undo=tool.name, undo_inputs={})
    async with open_stage_e(home, tool, looking(), hosts=MANY, connector=Unwell(f"web-0{hosts}")) as stage:
        closing = await stage.run(a_plan(step))
    assert closing.result.status is status
    assert told(closing)["web-01"] == first
    assert told(closing, "step_1.verify")[f"web-0{hosts}"] == "failed"
    assert changed(stage).count("web-01") == (2 if on_failure == "undo" else 1)


async def test_a_verification_that_cannot_be_made_is_no_success(home: Path) -> None:
    async with open_stage_e(home, CHANGE, hosts=MANY) as stage:
        closing = await stage.run(a_plan(a_step(CHANGE, *MANY[:1], verify="gone")))
    assert closing.result.status is ExecutionStatus.PARTIAL
    assert told(closing, "step_1.verify") == {"web-01": "skipped"}


async def test_a_verification_that_is_no_reading_tool_lets_nothing_further_begin(home: Path) -> None:
    async with open_stage_e(home, CHANGE, hosts=MANY) as stage:
        closing = await stage.run(a_plan(a_step(CHANGE, *MANY[:2], canary=1, verify=CHANGE.name)))
    assert changed(stage) == ["web-01"]
    assert closing.result.status is ExecutionStatus.PARTIAL


async def test_a_canary_that_fails_is_the_only_one_whatever_the_step_declares(home: Path) -> None:
    connector = ScriptedConnectorDouble(NOT_SENT, ACT)
    async with open_stage_e(home, CHANGE, hosts=MANY, connector=connector) as stage:
        closing = await stage.run(a_plan(a_step(CHANGE, *MANY[:3], canary=1, on_failure="continue")))
    assert changed(stage) == ["web-01"]
    assert told(closing) == {"web-01": "failed", "web-02": "skipped", "web-03": "skipped"}


async def test_within_a_part_of_a_rollout_the_first_trouble_keeps_the_rest_from_beginning(home: Path) -> None:
    connector = ScriptedConnectorDouble(NOT_SENT, ACT)
    async with open_stage_e(home, CHANGE, hosts=MANY, connector=connector) as stage:
        closing = await stage.run(a_plan(a_step(CHANGE, *MANY[:3], canary=2, on_failure="continue")))
    assert changed(stage) == ["web-01"]
    assert told(closing) == {"web-01": "failed", "web-02": "skipped", "web-03": "skipped"}


@pytest.mark.parametrize(("on_failure", "last"), [("stop", "skipped"), ("undo", "skipped"), ("continue", "succeeded")])
async def test_a_failure_on_one_target_ends_the_step_or_only_itself(home: Path, on_failure: str, last: str) -> None:
    connector = ScriptedConnectorDouble(ACT, FAIL, ACT)
    async with open_stage_e(home, CHANGE, hosts=MANY, connector=connector) as stage:
        closing = await stage.run(a_plan(a_step(CHANGE, *MANY[:3], on_failure=on_failure)))
    assert told(closing) == {"web-01": "succeeded", "web-02": "failed", "web-03": last}
    assert closing.result.status is ExecutionStatus.PARTIAL


async def test_so_many_targets_as_declared_are_worked_on_at_once(home: Path) -> None:
    together: list[int] = []

    class Counting(ScriptedConnectorDouble):
        running = 0
        three = asyncio.Barrier(3)

        async def call(self, call: ConnectorCall) -> ConnectorResult:
            if call.run.argv[0] == "read":
                return await super().call(call)
            self.running += 1
            together.append(self.running)
            await asyncio.wait_for(self.three.wait(), 5)
            self.running -= 1
            return await super().call(call)

    async with open_stage_e(home, CHANGE, hosts=MANY, connector=Counting()) as stage:
        closing = await stage.run(a_plan(a_step(CHANGE, *MANY, concurrency=3)))
    assert closing.result.success_count == 6
    assert max(together) == 3


async def test_between_two_targets_there_is_a_place_to_crash(home: Path) -> None:
    failpoints = KillingFailpointsDouble()
    async with open_stage_e(home, CHANGE, hosts=MANY, failpoints=failpoints) as stage:
        await stage.run(a_plan(a_step(CHANGE, *MANY[:3])))
    assert failpoints.hits.count("step.between_targets") == 2


# Strategies, by a clock that moves only when everybody waits for it.


class Slow:
    """Every read takes a second of the clock."""

    def __init__(self, clock: MovingClockDouble, fail: frozenset[str] = frozenset()) -> None:
        self.clock = clock
        self.fail = fail
        self.ended: list[str] = []

    async def call(self, call: ConnectorCall) -> ConnectorResult:
        await self.clock.sleep(1.0)
        name = str(call.inputs["name"])
        self.ended.append(name)
        if name in self.fail:
            return ConnectorResult(outcome="not_sent", error_code="connector.unreachable", error="Nobody answers.")
        return ConnectorResult(outcome="done", ok=True, output={"count": 1})


async def timed(
    folder: Path, strategy: str, graph: Mapping[str, str], asleep: tuple[int, ...], **how: Any
) -> tuple[Closing, float, Slow]:
    """Run the graph of one-second reads; in each round so many are to sleep before a second passes."""
    clock = MovingClockDouble(sleeping_advances=False)
    slow = Slow(clock, frozenset(how.get("fail", "")))
    declares: Callable[[str], str] = how.get("declares", lambda name: "stop")
    read = a_read("slow", connector="slow", inputs={}, targets_input="", platforms=())
    steps = [
        a_step(read, step_id=name, inputs={"name": name}, depends_on=tuple(after), on_failure=declares(name))
        for name, after in graph.items()
    ]
    async with open_stage_e(folder, read, others={"slow": slow}, clock=clock) as stage:
        run = await stage.started(a_plan(*steps, strategy=strategy, timeout_s=100.0))
        began = clock.monotonic()
        async with asyncio.timeout(10), asyncio.TaskGroup() as group:
            task = group.create_task(stage.executor.execute_plan(run.execution.plan, None, run))
            for count in asleep:
                while clock.sleeping < count:
                    await asyncio.sleep(0)
                clock.advance(1.0)
        closing = task.result()
    assert isinstance(closing, Closing)
    return closing, clock.monotonic() - began, slow


THREE = {"a": "", "b": "", "c": ""}
DIAMOND = {"a": "", "b": "a", "c": "a", "d": "bc"}


async def test_three_independent_seconds_take_one_together_and_three_in_a_row(home: Path) -> None:
    together, parallel_s, _ = await timed(home / "1", "parallel", THREE, (3,))
    in_a_row, sequential_s, _ = await timed(home / "2", "sequential", THREE, (1, 1, 1))
    assert together.result.status is in_a_row.result.status is ExecutionStatus.SUCCEEDED
    assert parallel_s <= 1.3
    assert sequential_s >= 3.0
    assert together.result.duration_s == 1.0
    assert in_a_row.result.duration_s == 3.0


async def test_a_diamond_runs_its_middle_together(home: Path) -> None:
    closing, seconds, slow = await timed(home, "parallel", DIAMOND, (1, 2, 1))
    assert seconds == 3.0
    assert (slow.ended[0], slow.ended[-1]) == ("a", "d")
    assert [one.step_id for one in closing.result.step_results] == ["a", "b", "c", "d"]
    steps = closing.result.plan_against_actual["steps"]
    assert steps == [{"step": name, "estimate_s": 1.0, "actual_s": 1.0} for name in "abcd"]


async def test_a_failure_in_the_middle_skips_what_hangs_on_it_and_is_told(home: Path) -> None:
    def status(results: tuple[StepResult, ...]) -> dict[str, str]:
        return {one.step_id: one.status.value for one in results}

    closing, _, slow = await timed(home, "parallel", DIAMOND, (1, 2), fail="b")
    assert status(closing.result.step_results) == {"a": "succeeded", "b": "failed", "c": "succeeded", "d": "skipped"}
    assert "d" not in slow.ended
    wide = {"a": "", "b": "a", "c": "a", "d": "c"}
    onward, _, _ = await timed(home / "2", "parallel", wide, (1, 2, 1), fail="b", declares=lambda name: "continue")
    assert status(onward.result.step_results)["d"] == "succeeded"
    stopped, _, _ = await timed(home / "3", "parallel", wide, (1, 2), fail="b")
    assert status(stopped.result.step_results)["d"] == "skipped"
