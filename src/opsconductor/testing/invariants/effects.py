"""I2, I3, I5, I7: what the World did, and what the record says of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from opsconductor.domain.approvals import Approval, ApprovalState
from opsconductor.domain.catalogue import Effect
from opsconductor.domain.execution import ExecutionStatus, StepResult, StepStatus
from opsconductor.domain.identity import Identity
from opsconductor.domain.plan import PlanStep
from opsconductor.testing.invariants.evidence import (
    DUPLICATE,
    FALSE_DONE,
    FALSE_FAILED,
    LOST,
    Evidence,
    StoredExecution,
    Violation,
)
from opsconductor.testing.world.log import ASKED, DONE, WorldEntry
from opsconductor.testing.world.realm import UNDO

ONCE_ONLY = frozenset({Effect.COMPENSATABLE.value, Effect.IRREVERSIBLE.value})
_SAYS_NOT_DONE = frozenset({StepStatus.FAILED, StepStatus.SKIPPED, StepStatus.TODO})
_SAYS_DONE = frozenset({StepStatus.SUCCEEDED, StepStatus.COMPENSATED})


@dataclass(frozen=True, kw_only=True)
class Touched:
    """One changing step on one target: what the World did, and what the store says."""

    stored: StoredExecution
    step: PlanStep
    target: str
    asked: tuple[WorldEntry, ...]  # for the effect itself
    done: tuple[WorldEntry, ...]
    undone: tuple[WorldEntry, ...]
    attempts: int  # in the journal
    said: tuple[StepResult, ...]  # by the journal's last attempt, and by the execution's result

    @property
    def name(self) -> str:
        """How people call it."""
        return f"{self.step.step_id} on {self.target or 'no target'} of {self.stored.execution.execution_id}"


def touched(evidence: Evidence) -> Iterator[Touched]:
    """Every changing step of every execution, on each of its targets."""
    for stored in evidence.store.executions:
        for step in stored.execution.plan.steps:
            if step.effect == Effect.READ:
                continue
            for target in [target.name for target in step.targets] or [""]:
                yield _touched(evidence, stored, step, target)


def i2_an_effect_happens_at_most_once(evidence: Evidence) -> Iterator[Violation]:
    """What is not idempotent at most once; what is, at most as often as the journal has attempts."""
    for one in touched(evidence):
        most = 1 if one.step.effect in ONCE_ONLY else max(one.attempts, 1)
        if len(one.done) > most:
            words = f"{one.name} was done {len(one.done)} times; the record has {one.attempts} attempts."
            yield Violation(invariant="I2", subject=one.stored.execution.execution_id, words=words, harm=DUPLICATE)


def i3_the_record_says_what_the_world_did(evidence: Evidence) -> Iterator[Violation]:
    """`succeeded` ⇒ done; `failed` ⇒ not done; `compensated` ⇒ done and taken back; else `unknown`."""
    for one in touched(evidence):
        subject = one.stored.execution.execution_id
        for result in one.said:
            if result.status in _SAYS_NOT_DONE and one.done:
                words = f"{one.name} is recorded as {result.status.value}, and it was done."
                yield Violation(invariant="I3", subject=subject, words=words, harm=FALSE_FAILED)
            if result.status in _SAYS_DONE and not one.done:
                words = f"{one.name} is recorded as {result.status.value}, and it was never done."
                yield Violation(invariant="I3", subject=subject, words=words, harm=FALSE_DONE)
            if result.status is StepStatus.COMPENSATED and one.done and not one.undone:
                words = f"{one.name} is recorded as taken back, and it was not."
                yield Violation(invariant="I3", subject=subject, words=words, harm=FALSE_DONE)
        yield from _whole_execution(one)


def i5_each_effect_was_approved(evidence: Evidence) -> Iterator[Violation]:
    """By a consumed approval with the executed hash, of valid people, decided before the effect."""
    people = {identity.identity_id: identity for identity in evidence.store.identities}
    for one in touched(evidence):
        if not one.asked:
            continue
        execution = one.stored.execution
        fitting = [
            approval
            for approval in one.stored.approvals
            if approval.state is ApprovalState.CONSUMED and approval.plan_hash == execution.plan_hash
        ]
        if not fitting:
            words = f"{one.name} was sent without a consumed approval of its plan's hash."
            yield Violation(invariant="I5", subject=execution.execution_id, words=words)
        for fault in [_faulty(approval, people) for approval in fitting]:
            if fault:
                yield Violation(invariant="I5", subject=execution.execution_id, words=f"{one.name}: {fault}")
        first = min(entry.at for entry in one.asked)
        if fitting and all(_decided_at(approval) > first + 0.001 for approval in fitting):
            words = f"{one.name} was sent before its approval was given."
            yield Violation(invariant="I5", subject=execution.execution_id, words=words)


def i7_the_chain_is_whole_and_each_intent_comes_first(evidence: Evidence) -> Iterator[Violation]:
    """The audit chain verifies, and whatever the World was asked for was written down before."""
    for tenant in evidence.store.broken_chains:
        yield Violation(invariant="I7", subject=tenant, words=f"The audit chain of {tenant} does not verify.")
    known = {(one.target, one.step.inputs.get("mark")) for one in touched(evidence)}
    for entry in evidence.world:
        if entry.what == ASKED and (entry.target, entry.mark) not in known:
            words = f"The World was asked for {entry.verb} {entry.mark} on {entry.target}; the store has no such step."
            yield Violation(invariant="I7", subject=entry.mark, words=words, harm=LOST)
    audited = {(row.entry.subject, row.entry.action, row.entry.detail.get("step")) for row in evidence.store.audit}
    for one in touched(evidence):
        execution_id = one.stored.execution.execution_id
        if one.asked and not one.attempts:
            words = f"{one.name} was sent without an intent in the journal."
            yield Violation(invariant="I7", subject=execution_id, words=words, harm=LOST)
        if one.asked and (execution_id, "step.intent", one.step.step_id) not in audited:
            words = f"{one.name} was sent without an audit row of its intent."
            yield Violation(invariant="I7", subject=execution_id, words=words)


def _touched(evidence: Evidence, stored: StoredExecution, step: PlanStep, target: str) -> Touched:
    mark = step.inputs.get("mark")
    world = [entry for entry in evidence.world if entry.mark == mark and entry.target == target]
    rows = [row for row in stored.journal if (row.intent.step_id, row.intent.target) == (step.step_id, target)]
    results = stored.execution.result.step_results if stored.execution.result is not None else ()
    said = [row.result for row in rows[-1:] if row.result is not None]
    said += [result for result in results if (result.step_id, result.target) == (step.step_id, target)]
    return Touched(
        stored=stored,
        step=step,
        target=target,
        asked=tuple(entry for entry in world if entry.what == ASKED and entry.verb != UNDO),
        done=tuple(entry for entry in world if entry.what == DONE and entry.verb != UNDO),
        undone=tuple(entry for entry in world if entry.what == DONE and entry.verb == UNDO),
        attempts=len(rows),
        said=tuple(said),
    )


def _whole_execution(one: Touched) -> Iterator[Violation]:
    execution = one.stored.execution
    if execution.status is ExecutionStatus.SUCCEEDED and not one.done:
        words = f"{execution.execution_id} is recorded as succeeded, and {one.name} was never done."
        yield Violation(invariant="I3", subject=execution.execution_id, words=words, harm=FALSE_DONE)
    not_done = (ExecutionStatus.FAILED, ExecutionStatus.TIMED_OUT, ExecutionStatus.CANCELLED)
    if execution.status in not_done and len(one.done) > len(one.undone):
        words = f"{execution.execution_id} is recorded as {execution.status.value}, and {one.name} was done."
        yield Violation(invariant="I3", subject=execution.execution_id, words=words, harm=FALSE_FAILED)


def _faulty(approval: Approval, people: dict[str, Identity]) -> str:
    """Why those who decided may not have; "" when they may."""
    approvers = [decision.who for decision in approval.decisions if decision.decision == "approve"]
    if len(set(approvers)) < approval.needed:
        return f"{approval.needed} different people had to approve; {len(set(approvers))} did."
    unknown = [who for who in approvers if who not in people or people[who].disabled]
    if unknown:
        return f"{unknown[0]} approved it and is nobody who may."
    alone = [decision for decision in approval.decisions if decision.who == approval.requester]
    if approval.level >= 2 and any(not decision.break_glass for decision in alone):
        return "its requester approved it alone."
    return ""


def _decided_at(approval: Approval) -> float:
    """Seconds since 1970 at which the last approving word was given; never without one."""
    moments = [datetime.fromisoformat(decision.at).timestamp() for decision in approval.decisions]
    return max(moments, default=float("inf"))
