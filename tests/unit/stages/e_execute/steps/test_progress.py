"""What may still begin, and in which order it is told."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, cast

from opsconductor.domain.execution import StepResult, StepStatus
from opsconductor.stages.e_execute.settling.lease import HeldRun
from opsconductor.stages.e_execute.steps.progress import CANCELLED, EARLIER, OUT_OF_TIME, UNRECORDED, Progress, Refusal
from opsconductor.testing.executions import HOSTS, a_change, a_plan, a_step
from tests.unit.stages.e_execute.steps.test_on_target import RUN

CHANGE = a_change()
FIRST = a_step(CHANGE, *HOSTS[:2])
SECOND = a_step(CHANGE, HOSTS[2], step_id="step_2", depends_on=("step_1",))


def result(step_id: str, status: StepStatus, target: int = 0) -> StepResult:
    return StepResult(
        step_id=step_id, tool=CHANGE.name, target=HOSTS[target].name, target_id=HOSTS[target].asset_id, status=status,
        attempts=(), started_at="", completed_at="", duration_s=0.0,
    )  # fmt: skip


def progress(*results: StepResult, **changes: Any) -> Progress:
    run = replace(RUN, execution=replace(RUN.execution, plan=a_plan(FIRST, SECOND)), **changes)
    return Progress(run=run, assets={}, held=cast(HeldRun, None), deadline=10.0, results=list(results))


DONE = (result("step_1", StepStatus.SUCCEEDED, 0), result("step_1", StepStatus.SUCCEEDED, 1))


def test_a_step_waits_for_the_success_of_all_that_it_depends_on() -> None:
    assert progress().refusal(FIRST, 0.0) is None
    assert progress().refusal(SECOND, 0.0) == Refusal(note=EARLIER)
    assert progress(DONE[0], result("step_1", StepStatus.FAILED, 1)).refusal(SECOND, 0.0) == Refusal(note=EARLIER)
    assert progress(*DONE).refusal(SECOND, 0.0) is None


def test_time_cancel_and_an_unrecorded_result_keep_everything_from_beginning() -> None:
    assert progress().refusal(FIRST, 10.1) == Refusal(error=OUT_OF_TIME)
    cancelled = progress()
    cancelled.cancel()
    assert cancelled.refusal(FIRST, 0.0) == Refusal(error=CANCELLED)
    assert progress(unrecorded=[DONE[0]]).refusal(FIRST, 0.0) == Refusal(error=UNRECORDED)


def heeded(on_failure: str, status: StepStatus) -> tuple[bool, bool]:
    run = progress(result("step_1", status))
    run.heed(replace(FIRST, on_failure=on_failure))
    return run.ended is not None, run.must_undo


def test_a_failing_step_declares_what_follows() -> None:
    assert heeded("stop", StepStatus.FAILED) == (True, False)
    assert heeded("undo", StepStatus.UNKNOWN) == (True, True)
    assert heeded("continue", StepStatus.FAILED) == (False, False)
    assert heeded("undo", StepStatus.SUCCEEDED) == (False, False)


def test_a_cancel_stays_the_reason_when_a_step_fails_after_it() -> None:
    run = progress(result("step_1", StepStatus.FAILED))
    run.cancel()
    run.heed(FIRST)
    assert run.ended == Refusal(error=CANCELLED)


def test_only_unconfirmed_changes_wait_for_a_word() -> None:
    assert not progress().waits_for_word(FIRST)
    waiting = progress(confirmed=frozenset({"step_2"}))
    assert waiting.waits_for_word(FIRST)
    assert not waiting.waits_for_word(SECOND)
    assert not waiting.waits_for_word(replace(FIRST, effect="read"))


def test_what_is_done_is_not_to_do() -> None:
    assert [step.step_id for step in progress(done=DONE).todo] == ["step_2"]


def test_results_are_told_in_the_plans_order_whatever_order_they_came_in() -> None:
    def names(results: Sequence[StepResult]) -> list[tuple[str, str]]:
        return [(one.step_id, one.target) for one in results]

    came = progress(
        result("step_2", StepStatus.SUCCEEDED, 2),
        result("step_1", StepStatus.SUCCEEDED, 1),
        result("step_1.verify", StepStatus.SUCCEEDED, 0),
        result("step_1", StepStatus.SUCCEEDED, 0),
        result("step_1.undo", StepStatus.SUCCEEDED, 1),
        result("step_1.undo", StepStatus.SUCCEEDED, 0),
    )
    assert names(came.told()) == [
        ("step_1", "app-01"),
        ("step_1", "app-02"),
        ("step_1.verify", "app-01"),
        ("step_1.undo", "app-02"),
        ("step_1.undo", "app-01"),
        ("step_2", "app-03"),
    ]
    assert names(came.effects()) == [("step_2", "app-03"), ("step_1", "app-02"), ("step_1", "app-01")]
