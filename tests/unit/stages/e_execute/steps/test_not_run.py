"""What nobody tried is told target by target, with no attempt in it."""

from opsconductor.domain.execution import StepError, StepStatus
from opsconductor.domain.plan import PlannedTarget, PlanStep
from opsconductor.stages.e_execute.steps.not_run import not_run

STEP = PlanStep(step_id="step_1", description="", tool="disk-usage", tool_digest="", inputs={})
NOW = "2026-05-05T12:00:00.000Z"


def test_each_target_has_a_result_without_an_attempt() -> None:
    targets = (PlannedTarget(asset_id="a1", name="app-01"), PlannedTarget(asset_id="a2", name="app-02"))
    results = not_run(STEP, targets, StepStatus.SKIPPED, NOW, error=None, note="why")
    assert [(result.target, result.target_id, result.status) for result in results] == [
        ("app-01", "a1", StepStatus.SKIPPED),
        ("app-02", "a2", StepStatus.SKIPPED),
    ]
    assert {(result.attempts, result.note, result.completed_at) for result in results} == {((), "why", NOW)}


def test_a_step_without_a_target_has_one_result() -> None:
    error = StepError(code="inventory.unavailable", message="gone")
    (result,) = not_run(STEP, (None,), StepStatus.FAILED, NOW, error=error)
    assert (result.target, result.status, result.error) == ("", StepStatus.FAILED, error)
