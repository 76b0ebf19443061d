"""What a record says of its plan, approval and execution is worked out again."""

from dataclasses import replace
from typing import Any

import pytest

from opsconductor.bootstrap.replay_checks import tool_differences
from opsconductor.domain.execution import ExecutionResultV1, ExecutionStatus, StepStatus
from opsconductor.domain.turn import GateVerdict, TurnRecord
from opsconductor.stages.e_execute.result_aggregator import aggregate
from opsconductor.testing.executions import HOSTS, a_change, a_plan, a_step
from opsconductor.testing.records import a_record
from opsconductor.testing.turns import MOMENT
from tests.unit.stages.e_execute.steps.test_on_target import RUN
from tests.unit.stages.e_execute.test_result_aggregator import result

STEP = a_step(a_change(), *HOSTS[:2])
PLAN = a_plan(STEP, predicted_changes=tuple(f"service-restart on {host.name}" for host in HOSTS[:2]))


def ended(*statuses: StepStatus, **changes: Any) -> ExecutionResultV1:
    """The plan's execution with these results on its targets."""
    execution = replace(RUN.execution, plan=PLAN)
    results = [
        replace(result(status), tool=STEP.tool, target=host.name, target_id=host.asset_id)
        for status, host in zip(statuses, HOSTS[:2], strict=True)
    ]
    return replace(aggregate(execution, results, (), MOMENT, MOMENT, 2.0), **changes)


def differing(record: TurnRecord) -> list[str]:
    return [one.what for one in tool_differences(record)]


def test_a_record_without_a_plan_has_nothing_to_work_out() -> None:
    assert differing(a_record()) == []


@pytest.mark.parametrize("second", [StepStatus.SUCCEEDED, StepStatus.FAILED, StepStatus.UNKNOWN, StepStatus.SKIPPED])
def test_what_follows_is_no_difference(second: StepStatus) -> None:
    assert differing(a_record(plan=PLAN, execution=ended(StepStatus.SUCCEEDED, second))) == []


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"success_count": 2}, "execution.success_count"),
        ({"summary": "2 of 2 succeeded"}, "execution.summary"),
        ({"status": ExecutionStatus.SUCCEEDED}, "execution.status"),
        ({"plan_id": "plan_other"}, "execution.plan_id"),
        ({"plan_against_actual": {}}, "execution.plan_against_actual"),
    ],
)
def test_what_the_results_do_not_show_is_a_difference(changes: dict[str, Any], what: str) -> None:
    execution = ended(StepStatus.SUCCEEDED, StepStatus.FAILED, **changes)
    assert differing(a_record(plan=PLAN, execution=execution)) == [what]


@pytest.mark.parametrize("status", [ExecutionStatus.AWAITING_APPROVAL, ExecutionStatus.CANCELLED])
def test_an_end_that_people_gave_does_not_follow_from_results(status: ExecutionStatus) -> None:
    execution = ended(StepStatus.SUCCEEDED, StepStatus.SKIPPED, status=status)
    assert differing(a_record(plan=PLAN, execution=execution)) == []


def test_a_plan_that_is_not_the_one_of_its_digest_is_a_difference() -> None:
    other = replace(PLAN, steps=(replace(STEP, inputs={"service": "ledger"}),))
    assert differing(a_record(plan=other)) == ["plan.plan_digest", "plan.plan_id"]
    assert differing(a_record(plan=replace(PLAN, predicted_changes=()))) == ["plan.predicted_changes"]
    assert differing(a_record(plan=replace(PLAN, risk="low"))) == ["plan.risk"]


def test_a_run_below_the_level_of_its_plan_is_a_difference() -> None:
    verdict = GateVerdict(outcome="run", level=0, risk="medium", reasons=())
    assert differing(replace(a_record(plan=PLAN), verdict=verdict)) == ["verdict.level"]
