"""What an execution came to that ends while it waits for a person: what had run by then, and that the rest was not."""

from dataclasses import replace

from opsconductor.domain.approvals import ApprovalDecision
from opsconductor.domain.execution import (
    Execution,
    ExecutionResultV1,
    ExecutionStatus,
    StepError,
    StepResult,
    StepStatus,
)
from opsconductor.ports.storage import Storage
from opsconductor.stages.e_execute.result_aggregator import aggregate
from opsconductor.stages.e_execute.steps.not_run import not_run


async def done_so_far(storage: Storage, execution: Execution) -> tuple[StepResult, ...]:
    """The newest result of each step on each target that the journal holds. Raises `store.*`."""
    rows = await storage.journal(execution.tenant, execution.execution_id)
    newest = {(row.intent.step_id, row.intent.target_id): row.result for row in rows if row.result is not None}
    return tuple(newest.values())


async def decisions_of(storage: Storage, execution: Execution) -> tuple[ApprovalDecision, ...]:
    """Every decision that was taken on the execution, oldest first. Raises `store.*`."""
    approvals = await storage.approvals_of(execution.tenant, execution.execution_id)
    return tuple(decision for approval in approvals for decision in approval.decisions)


def so_far(
    execution: Execution, done: tuple[StepResult, ...], approvals: tuple[ApprovalDecision, ...], at: str
) -> ExecutionResultV1:
    """The result of an execution that waits in the middle of its plan, as far as it goes."""
    result = aggregate(execution, done, approvals, done[0].started_at if done else at, at, None)
    return replace(result, status=ExecutionStatus.AWAITING_APPROVAL, completed_at=None, error=None)


def cancelled(
    execution: Execution, done: tuple[StepResult, ...], approvals: tuple[ApprovalDecision, ...], at: str, why: str
) -> ExecutionResultV1 | None:
    """The result of a run that is ended while it waits; None when nothing of it had run: there is nothing to tell."""
    if not done:
        return None
    told = {result.step_id for result in done}
    error = StepError(code="execution.cancelled", message=why)
    rest = [
        result
        for step in execution.plan.steps
        if step.step_id not in told
        for result in not_run(step, step.targets or (None,), StepStatus.SKIPPED, at, error=error)
    ]
    result = aggregate(execution, (*done, *rest), approvals, done[0].started_at, at, None)
    return replace(result, status=ExecutionStatus.CANCELLED)
