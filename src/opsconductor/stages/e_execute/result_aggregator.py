"""Makes one truthful ExecutionResultV1 of all step results."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from opsconductor.domain.approvals import ApprovalDecision
from opsconductor.domain.catalogue import Effect
from opsconductor.domain.execution import Execution, ExecutionResultV1, ExecutionStatus, StepResult, StepStatus
from opsconductor.domain.json_value import Json, JsonObject
from opsconductor.domain.plan import PlanV1
from opsconductor.domain.plan_differences import change_difference, time_difference
from opsconductor.domain.step_ids import undoes, verifies

TIMED_OUT = "execution.timed_out"
CANCELLED = "execution.cancelled"
OPEN = frozenset({StepStatus.UNKNOWN, StepStatus.INTENT})


def overall_status(results: Sequence[StepResult], reads: Collection[str] = ()) -> ExecutionStatus:
    """One word for all results; `reads` are the ids of steps that change nothing.

    Anything unknown ⇒ unknown, an undo too. All planned steps succeeded ⇒ succeeded, but partial where a look at the
    rollout did not find it well. Undone ⇒ failed, but partial while
    a change still stands. Otherwise mixed ⇒ partial; without any success: cancelled, timed_out when that alone kept
    steps from acting, or failed.
    """
    if any(result.status in OPEN for result in results):
        return ExecutionStatus.UNKNOWN
    planned = planned_results(results)
    statuses = {result.status for result in planned}
    if statuses == {StepStatus.SUCCEEDED}:
        well = all(one.status is StepStatus.SUCCEEDED for one in results if verifies(one.step_id))
        return ExecutionStatus.SUCCEEDED if well else ExecutionStatus.PARTIAL
    if StepStatus.COMPENSATED in statuses:
        stands = [one for one in planned if one.status is StepStatus.SUCCEEDED and one.step_id not in reads]
        return ExecutionStatus.PARTIAL if stands else ExecutionStatus.FAILED
    if StepStatus.SUCCEEDED in statuses:
        return ExecutionStatus.PARTIAL
    codes = {result.error.code for result in planned if result.error is not None}
    if CANCELLED in codes:
        return ExecutionStatus.CANCELLED
    return ExecutionStatus.TIMED_OUT if codes == {TIMED_OUT} else ExecutionStatus.FAILED


def planned_results(results: Sequence[StepResult]) -> list[StepResult]:
    """Those of the plan's own steps, without undos and looks at a rollout."""
    return [one for one in results if not undoes(one.step_id) and not verifies(one.step_id)]


def aggregate(
    execution: Execution,
    results: Sequence[StepResult],
    approvals: tuple[ApprovalDecision, ...],
    started_at: str,
    completed_at: str,
    duration_s: float | None,
) -> ExecutionResultV1:
    """The result of `execution`; counts are of the plan's steps on their targets."""
    planned = planned_results(results)
    counts = Counter([result.status for result in planned])
    reads = {step.step_id for step in execution.plan.steps if step.effect == Effect.READ}
    first_error = next((result.error for result in results if result.error is not None), None)
    return ExecutionResultV1(
        execution_id=execution.execution_id,
        plan_id=execution.plan.plan_id,
        plan_hash=execution.plan_hash,
        status=overall_status(results, reads),
        mode=execution.mode,
        started_at=started_at,
        completed_at=completed_at,
        duration_s=duration_s,
        step_results=tuple(results),
        success_count=counts[StepStatus.SUCCEEDED],
        failure_count=counts[StepStatus.FAILED],
        unknown_count=_open(counts),
        summary=_summary(results, counts),
        output=_output(planned),
        error=first_error,
        approvals=approvals,
        plan_against_actual=_plan_against_actual(execution.plan, planned, reads, duration_s),
    )


def _open(counts: Mapping[StepStatus, int]) -> int:
    return sum([counts[status] for status in OPEN])


def _summary(results: Sequence[StepResult], planned: Counter[StepStatus]) -> str:
    """Counts in words. What was undone, and what could not be, is said where it was tried."""
    succeeded, failed = planned[StepStatus.SUCCEEDED], planned[StepStatus.FAILED]
    words = f"{succeeded} of {planned.total()} succeeded, {failed} failed, {_open(planned)} unknown"
    tried = Counter([result.status for result in results if undoes(result.step_id)])
    undone, unclear = planned[StepStatus.COMPENSATED], _open(tried)
    left = tried.total() - undone - unclear
    parts = ((undone, "undone"), (left, "not undone"), (unclear, "maybe undone"))
    return ", ".join([words, *(f"{count} {said}" for count, said in parts if count > 0)])


def _output(results: Sequence[StepResult]) -> Json:
    succeeded = [result for result in results if result.status is StepStatus.SUCCEEDED]
    if len(results) == 1:
        return succeeded[0].output if succeeded else None
    return {result.target or result.step_id: result.output for result in succeeded} or None


def _plan_against_actual(
    plan: PlanV1, results: Sequence[StepResult], reads: Collection[str], duration_s: float | None
) -> JsonObject:
    """What was predicted beside what came of it, for the whole and step by step."""
    changes = [result for result in results if result.step_id not in reads]
    changed = [_change(result) for result in changes if result.status is StepStatus.SUCCEEDED]
    undone = [_change(result) for result in changes if result.status is StepStatus.COMPENSATED]
    unknown = [_change(result) for result in changes if result.status in OPEN]
    told = (
        change_difference(plan.predicted_changes, changed, undone, unknown),
        time_difference(plan.estimate_s, duration_s) if plan.predicted_changes else "",
    )
    return {
        "estimate_s": plan.estimate_s,
        "actual_s": duration_s,
        "predicted": list(plan.predicted_changes),
        "changed": changed,
        "not_changed": [change for change in plan.predicted_changes if change not in {*changed, *unknown}],
        "undone": undone,
        "unknown": unknown,
        "differences": [words for words in told if words],
        "steps": [
            {"step": step.step_id, "estimate_s": step.estimate_ms / 1000, "actual_s": _actual_s(step.step_id, results)}
            for step in plan.steps
        ],
    }


def _actual_s(step_id: str, results: Sequence[StepResult]) -> float | None:
    """From the first target's start to the last one's end; None for a step that nobody tried."""
    tried = [one for one in results if one.step_id == step_id and one.attempts and one.completed_at]
    if not tried:
        return None
    began = min(datetime.fromisoformat(one.started_at) for one in tried)
    ended = max(datetime.fromisoformat(one.completed_at or one.started_at) for one in tried)
    return round((ended - began).total_seconds(), 3)


def _change(result: StepResult) -> str:
    return f"{result.tool} on {result.target}"
