"""One truthful word for many results."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsconductor.domain.execution import Attempt, ExecutionStatus, StepError, StepResult, StepStatus
from opsconductor.stages.e_execute.result_aggregator import aggregate, overall_status
from opsconductor.testing.executions import HOSTS, a_change, a_plan, a_read, a_step
from tests.unit.stages.e_execute.steps.test_on_target import RUN

S, X = StepStatus, ExecutionStatus


def result(status: StepStatus, code: str = "connector.failed", step_id: str = "step_1") -> StepResult:
    failed = status in (S.FAILED, S.UNKNOWN)
    return StepResult(
        step_id=step_id,
        tool="t",
        target="",
        target_id="",
        status=status,
        attempts=(),
        started_at="",
        completed_at="",
        duration_s=0.0,
        error=StepError(code=code, message="x") if failed else None,
    )


@pytest.mark.parametrize(
    ("statuses", "overall"),
    [
        ([S.SUCCEEDED], X.SUCCEEDED),
        ([S.SUCCEEDED, S.SUCCEEDED], X.SUCCEEDED),
        ([S.FAILED], X.FAILED),
        ([S.SUCCEEDED, S.FAILED], X.PARTIAL),
        ([S.SUCCEEDED, S.SKIPPED], X.PARTIAL),
        ([S.SUCCEEDED, S.UNKNOWN], X.UNKNOWN),
        ([S.SKIPPED], X.FAILED),
        ([S.FAILED, S.UNKNOWN, S.SUCCEEDED], X.UNKNOWN),
    ],
)
def test_the_word_for_several_results(statuses: list[StepStatus], overall: ExecutionStatus) -> None:
    assert overall_status([result(status) for status in statuses]) is overall


def test_only_time_outs_alone_are_timed_out() -> None:
    late = result(S.FAILED, "execution.timed_out")
    assert overall_status([late]) is X.TIMED_OUT
    assert overall_status([late, result(S.FAILED)]) is X.FAILED
    assert overall_status([late, result(S.UNKNOWN, "execution.timed_out")]) is X.UNKNOWN


@given(st.lists(st.sampled_from([S.SUCCEEDED, S.FAILED, S.UNKNOWN, S.SKIPPED]), min_size=1))
def test_succeeded_means_that_every_step_did(statuses: list[StepStatus]) -> None:
    overall = overall_status([result(status) for status in statuses])
    assert (overall is X.SUCCEEDED) == all(status is S.SUCCEEDED for status in statuses)
    assert (overall is X.UNKNOWN) == (S.UNKNOWN in statuses)


def test_cancelled_only_where_nothing_succeeded_or_is_in_doubt() -> None:
    cancelled = replace(result(S.SKIPPED), error=StepError(code="execution.cancelled", message="x"))
    assert overall_status([cancelled]) is X.CANCELLED
    assert overall_status([result(S.FAILED), cancelled]) is X.CANCELLED
    assert overall_status([result(S.SUCCEEDED), cancelled]) is X.PARTIAL
    assert overall_status([result(S.UNKNOWN), cancelled]) is X.UNKNOWN


UNDONE = result(S.SUCCEEDED, step_id="step_1.undo")


@pytest.mark.parametrize(
    ("results", "overall"),
    [
        ([result(S.COMPENSATED), result(S.FAILED), UNDONE], X.FAILED),
        ([result(S.SUCCEEDED, step_id="read"), result(S.COMPENSATED), result(S.FAILED), UNDONE], X.FAILED),
        ([result(S.SUCCEEDED, step_id="other"), result(S.COMPENSATED), result(S.FAILED), UNDONE], X.PARTIAL),
        ([result(S.SUCCEEDED), result(S.FAILED), result(S.FAILED, step_id="step_1.undo")], X.PARTIAL),
        ([result(S.SUCCEEDED), result(S.FAILED), result(S.SKIPPED, step_id="step_1.undo")], X.PARTIAL),
        ([result(S.SUCCEEDED), result(S.FAILED), result(S.UNKNOWN, step_id="step_1.undo")], X.UNKNOWN),
    ],
)
def test_undone_means_that_no_change_stands(results: list[StepResult], overall: ExecutionStatus) -> None:
    assert overall_status(results, {"read"}) is overall


STATUSES = st.sampled_from([S.SUCCEEDED, S.FAILED, S.UNKNOWN, S.SKIPPED, S.COMPENSATED])
UNDOS = st.sampled_from([S.SUCCEEDED, S.FAILED, S.UNKNOWN, S.SKIPPED])


@given(st.lists(STATUSES, min_size=1), st.lists(UNDOS))
def test_failed_never_hides_a_change_that_stands_or_may_stand(steps: list[StepStatus], undos: list[StepStatus]) -> None:
    results = [*(result(one) for one in steps), *(result(one, step_id="step_1.undo") for one in undos)]
    overall = overall_status(results)
    if overall in (X.FAILED, X.CANCELLED, X.TIMED_OUT):
        assert not {S.SUCCEEDED, S.UNKNOWN} & set(steps)
        assert S.UNKNOWN not in undos
    if overall is X.SUCCEEDED:
        assert set(steps) == {S.SUCCEEDED}


def test_the_plan_stands_beside_what_came_of_it() -> None:
    read, change = a_read(), a_change()
    plan = a_plan(
        a_step(read, HOSTS[0], step_id="read"),
        a_step(change, *HOSTS, estimate_ms=15_000),
        predicted_changes=tuple(f"service-restart on {host.name}" for host in HOSTS),
    )
    times = (("10:00:00", "10:00:02"), ("10:00:02", "10:00:05"), ("10:00:05", "10:00:05"))
    statuses = (S.SUCCEEDED, S.COMPENSATED, S.FAILED)
    changes = [
        replace(
            result(status),
            tool=change.name,
            target=host.name,
            started_at=f"2026-05-05T{began}.000Z",
            completed_at=f"2026-05-05T{ended}.500Z",
            attempts=(Attempt(number=1, started_at="x"),),
        )
        for host, status, (began, ended) in zip(HOSTS, statuses, times, strict=True)
    ]
    execution = replace(RUN.execution, plan=plan)
    told = aggregate(execution, [result(S.SKIPPED, step_id="read"), *changes], (), "a", "b", 6.0)
    assert told.plan_against_actual == {
        "estimate_s": 5.0,
        "actual_s": 6.0,
        "predicted": [f"service-restart on {host.name}" for host in HOSTS],
        "changed": ["service-restart on app-01"],
        "not_changed": ["service-restart on app-02", "service-restart on app-03"],
        "undone": ["service-restart on app-02"],
        "unknown": [],
        "differences": [
            "Of 3 predicted changes 1 stands. Not made: service-restart on app-03."
            " Made and taken back: service-restart on app-02."
        ],
        "steps": [
            {"step": "read", "estimate_s": 1.0, "actual_s": None},
            {"step": "step_1", "estimate_s": 15.0, "actual_s": 5.5},
        ],
    }
    assert (told.success_count, told.failure_count, told.unknown_count) == (1, 1, 0)
    assert told.summary == "1 of 4 succeeded, 1 failed, 0 unknown, 1 undone"
