"""Makes one truthful ExecutionResultV1 of all step results."""

from collections.abc import Sequence

from opsconductor.domain.approvals import ApprovalDecision
from opsconductor.domain.execution import Execution, ExecutionResultV1, ExecutionStatus, StepResult, StepStatus
from opsconductor.domain.json_value import Json

TIMED_OUT = "execution.timed_out"


def overall_status(results: Sequence[StepResult]) -> ExecutionStatus:
    """One word for all results: any unknown ⇒ unknown; mixed ⇒ partial; only proven time-outs ⇒ timed_out."""
    statuses = {result.status for result in results}
    if StepStatus.UNKNOWN in statuses or StepStatus.INTENT in statuses:
        return ExecutionStatus.UNKNOWN
    if statuses == {StepStatus.SUCCEEDED}:
        return ExecutionStatus.SUCCEEDED
    if StepStatus.SUCCEEDED in statuses:
        return ExecutionStatus.PARTIAL
    codes = {result.error.code for result in results if result.error is not None}
    return ExecutionStatus.TIMED_OUT if codes == {TIMED_OUT} else ExecutionStatus.FAILED


def aggregate(
    execution: Execution,
    results: Sequence[StepResult],
    approvals: tuple[ApprovalDecision, ...],
    started_at: str,
    completed_at: str,
    duration_s: float | None,
) -> ExecutionResultV1:
    """The result of `execution`; counts are of steps on targets."""
    status = overall_status(results)
    succeeded = sum(result.status is StepStatus.SUCCEEDED for result in results)
    unknown = sum(result.status in (StepStatus.UNKNOWN, StepStatus.INTENT) for result in results)
    failed = sum(result.status is StepStatus.FAILED for result in results)
    first_error = next((result.error for result in results if result.error is not None), None)
    return ExecutionResultV1(
        execution_id=execution.execution_id,
        plan_id=execution.plan.plan_id,
        plan_hash=execution.plan_hash,
        status=status,
        mode=execution.mode,
        started_at=started_at,
        completed_at=completed_at,
        duration_s=duration_s,
        step_results=tuple(results),
        success_count=succeeded,
        failure_count=failed,
        unknown_count=unknown,
        summary=f"{succeeded} of {len(results)} succeeded, {failed} failed, {unknown} unknown",
        output=_output(results),
        error=first_error,
        approvals=approvals,
        plan_against_actual={
            "estimate_s": execution.plan.estimate_s,
            "actual_s": duration_s,
            "predicted": list(execution.plan.predicted_changes),
            "changed": [_change(result) for result in results if _changed(execution, result)],
        },
    )


def _output(results: Sequence[StepResult]) -> Json:
    succeeded = [result for result in results if result.status is StepStatus.SUCCEEDED]
    if len(results) == 1:
        return succeeded[0].output if succeeded else None
    return {result.target or result.step_id: result.output for result in succeeded} or None


def _changed(execution: Execution, result: StepResult) -> bool:
    effects = {step.step_id: step.effect for step in execution.plan.steps}
    return result.status is StepStatus.SUCCEEDED and effects.get(result.step_id) != "read"


def _change(result: StepResult) -> str:
    return f"{result.tool} on {result.target}"
