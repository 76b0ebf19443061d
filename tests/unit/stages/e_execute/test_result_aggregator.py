"""One truthful word for many results."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsconductor.domain.execution import ExecutionStatus, StepError, StepResult, StepStatus
from opsconductor.stages.e_execute.result_aggregator import overall_status

S, X = StepStatus, ExecutionStatus


def result(status: StepStatus, code: str = "connector.failed") -> StepResult:
    failed = status in (S.FAILED, S.UNKNOWN)
    return StepResult(
        step_id="step_1",
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
