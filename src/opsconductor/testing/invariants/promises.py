"""I1, I4, I8, I9, I10: what was promised to a client is kept, in time and in order."""

from collections import defaultdict
from collections.abc import Iterator

from opsconductor.domain.execution import ExecutionStatus, StepStatus
from opsconductor.domain.states import TERMINAL
from opsconductor.testing.client_log import APPROVAL, CANCEL, REQUEST, Acknowledged
from opsconductor.testing.invariants.evidence import LOST, Evidence, StoredExecution, Violation

PATIENCE_S = 30.0
_UNKNOWN = ExecutionStatus.UNKNOWN.value
_NOT_DECIDED = frozenset({"pending", "changes_requested"})
_WAITING = frozenset({ExecutionStatus.PENDING, ExecutionStatus.AWAITING_APPROVAL})


def i1_every_acknowledged_promise_is_stored(evidence: Evidence) -> Iterator[Violation]:
    """Requests, approvals and cancellations."""
    turns = {turn.accepted.turn_id for turn in evidence.store.turns}
    decided = {
        approval.approval_id
        for stored in evidence.store.executions
        for approval in stored.approvals
        if approval.state.value not in _NOT_DECIDED or approval.decisions
    }
    cancelled = {stored.execution.execution_id for stored in evidence.store.executions if _is_cancelled(stored)}
    kept = {REQUEST: turns, APPROVAL: decided, CANCEL: cancelled}
    for promise in evidence.acknowledged:
        if promise.subject not in kept[promise.kind]:
            words = f"The {promise.kind} {promise.subject} was acknowledged and is not in the store."
            yield Violation(invariant="I1", subject=promise.subject, words=words, harm=LOST)


def i4_everything_ends_and_is_told(evidence: Evidence) -> Iterator[Violation]:
    """Once a healthy worker has been there for 30 s, no run is open, and the end of each was shown or is kept to be.

    Whoever was told "unknown" was told the truth and to look again; what it was settled as later stands in the store.
    """
    if evidence.healthy_s < PATIENCE_S:
        return
    records = {turn.record.turn_id: turn.record for turn in evidence.store.turns if turn.record is not None}
    for turn in evidence.store.turns:
        if turn.record is None:
            words = f"The request {turn.accepted.turn_id} has no answer."
            yield Violation(invariant="I4", subject=turn.accepted.turn_id, words=words, harm=LOST)
    told = {(word.execution_id, word.status) for word in evidence.shown}
    told |= {
        (record.reply.execution.execution_id, record.reply.execution.status.value)
        for record in records.values()
        if record.reply.execution is not None
    }
    for stored in evidence.store.executions:
        execution = stored.execution
        if execution.status in _WAITING:
            continue
        if execution.status not in TERMINAL:
            words = f"The execution {execution.execution_id} is still {execution.status.value}."
            yield Violation(invariant="I4", subject=execution.execution_id, words=words, harm=LOST)
        elif _began(stored) and not told & {
            (execution.execution_id, word) for word in (execution.status.value, _UNKNOWN)
        }:
            words = f"Nobody was told that the execution {execution.execution_id} is {execution.status.value}."
            yield Violation(invariant="I4", subject=execution.execution_id, words=words)


def i8_after_an_acknowledged_cancel_no_step_starts(evidence: Evidence) -> Iterator[Violation]:
    """The running step ends; no later one is asked of the World."""
    plans = {stored.execution.execution_id: stored for stored in evidence.store.executions}
    for promise in evidence.acknowledged:
        stored = plans.get(promise.subject)
        if promise.kind != CANCEL or stored is None:
            continue
        marks = {str(step.inputs.get("mark", step.step_id)) for step in stored.execution.plan.steps}
        late = [one for one in evidence.world if one.what == "asked" and one.mark in marks and one.at > promise.at]
        for entry in late:
            words = f"{entry.verb} {entry.mark} began after {promise.subject} was cancelled."
            yield Violation(invariant="I8", subject=promise.subject, words=words)


def i9_event_numbers_rise_without_gaps(evidence: Evidence) -> Iterator[Violation]:
    """Per execution, across reconnects."""
    for execution_id, numbers in evidence.events.items():
        expected = tuple(range(numbers[0], numbers[0] + len(numbers))) if numbers else ()
        if numbers != expected:
            words = f"The events of {execution_id} arrived as {', '.join(map(str, numbers))}."
            yield Violation(invariant="I9", subject=execution_id, words=words)


def i10_a_key_stands_for_one_body_and_one_execution(evidence: Evidence) -> Iterator[Violation]:
    """Same Idempotency-Key and body: same execution. Another body: no acknowledgement."""
    by_key: dict[str, list[Acknowledged]] = defaultdict(list)
    for promise in evidence.acknowledged:
        if promise.key:
            by_key[promise.key].append(promise)
    for key, promises in by_key.items():
        if len({promise.body for promise in promises}) > 1:
            yield Violation(invariant="I10", subject=key, words=f"The key {key} was taken for two bodies.")
        if len({(promise.subject, promise.execution_id) for promise in promises}) > 1:
            yield Violation(invariant="I10", subject=key, words=f"The key {key} stands for two executions.")
        elif key in evidence.store.keys and evidence.store.keys[key] != promises[0].subject:
            yield Violation(invariant="I10", subject=key, words=f"The store has another request under the key {key}.")


def _is_cancelled(stored: StoredExecution) -> bool:
    return bool(stored.execution.cancelled_by) or stored.execution.status is ExecutionStatus.CANCELLED


def _began(stored: StoredExecution) -> bool:
    """Whether a step was tried: what was rejected or expired is told by the turn that did so."""
    return bool(stored.journal) or any(
        result.status is not StepStatus.SKIPPED
        for result in (stored.execution.result.step_results if stored.execution.result else ())
    )
