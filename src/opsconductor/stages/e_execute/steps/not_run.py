"""The results of steps that nobody tried: skipped after an earlier one, or failed before they began."""

from collections.abc import Sequence

from opsconductor.domain.execution import StepError, StepResult, StepStatus
from opsconductor.domain.plan import PlannedTarget, PlanStep


def not_run(
    step: PlanStep,
    targets: Sequence[PlannedTarget | None],
    status: StepStatus,
    at: str,
    *,
    error: StepError | None,
    note: str = "",
) -> list[StepResult]:
    """One result a target, without any attempt; `at` is the RFC 3339 time they are told."""
    return [
        StepResult(
            step_id=step.step_id,
            tool=step.tool,
            target=target.name if target else "",
            target_id=target.asset_id if target else "",
            status=status,
            attempts=(),
            started_at=at,
            completed_at=at,
            duration_s=0.0,
            error=error,
            note=note,
        )
        for target in targets
    ]
