"""A planted broken promise is found, each by its invariant."""

from dataclasses import replace

import pytest

from opsconductor.domain.approvals import ApprovalState
from opsconductor.domain.execution import ExecutionStatus
from opsconductor.testing.client_log import CANCEL, REQUEST, Acknowledged
from opsconductor.testing.contracts.storage import samples
from opsconductor.testing.invariants.evidence import LOST
from opsconductor.testing.invariants.promises import (
    i1_every_acknowledged_promise_is_stored,
    i4_everything_ends_and_is_told,
    i8_after_an_acknowledged_cancel_no_step_starts,
    i9_event_numbers_rise_without_gaps,
    i10_a_key_stands_for_one_body_and_one_execution,
)
from tests.unit.testing.invariants.healthy import EXECUTION, SENT_AT, changed_execution, changed_store, evidence


def test_i1_finds_a_promise_that_the_store_does_not_hold() -> None:
    whole = evidence()
    assert list(i1_every_acknowledged_promise_is_stored(whole)) == []
    pending = (samples.approval(state=ApprovalState.PENDING),)
    planted = {
        "request": changed_store(whole, turns=()),
        "approval": changed_execution(whole, approvals=pending),
        "cancel": replace(whole, acknowledged=(Acknowledged(kind=CANCEL, subject=EXECUTION),)),
    }
    for kind, faulty in planted.items():
        (found,) = i1_every_acknowledged_promise_is_stored(faulty)
        assert (found.harm, kind in found.words) == (LOST, True)
    assert list(i1_every_acknowledged_promise_is_stored(changed_execution(planted["cancel"], cancelled_by="a"))) == []


def test_i4_finds_what_does_not_end_and_what_nobody_is_told() -> None:
    whole = evidence()
    assert list(i4_everything_ends_and_is_told(whole)) == []
    turn = whole.store.turns[0]
    unanswered = changed_store(whole, turns=(replace(turn, record=None),))
    untold = replace(unanswered, shown=())
    assert ["has no answer" in one.words for one in i4_everything_ends_and_is_told(unanswered)] == [True]
    assert "Nobody was told" in list(i4_everything_ends_and_is_told(untold))[1].words
    running = changed_execution(whole, status=ExecutionStatus.RUNNING)
    assert [one.harm for one in i4_everything_ends_and_is_told(running)] == [LOST]
    assert list(i4_everything_ends_and_is_told(replace(running, healthy_s=29.9))) == [], "there is time left"


def test_i4_takes_no_other_word_for_the_end() -> None:
    changed = changed_execution(evidence(), status=ExecutionStatus.UNKNOWN)
    (found,) = i4_everything_ends_and_is_told(changed)
    assert "is unknown" in found.words


def test_i4_takes_unknown_for_a_true_word_that_was_settled_later() -> None:
    whole = evidence()
    silent = replace(samples.record().reply, execution=None)
    turn = replace(whole.store.turns[0], record=samples.record(reply=silent))
    told_unknown = (replace(whole.shown[0], status="unknown"),)
    settled = replace(changed_store(whole, turns=(turn,)), shown=told_unknown)
    assert list(i4_everything_ends_and_is_told(settled)) == []
    assert list(i4_everything_ends_and_is_told(replace(settled, shown=()))) != []


def test_i8_finds_a_step_that_begins_after_a_cancel() -> None:
    early = Acknowledged(kind=CANCEL, subject=EXECUTION, at=SENT_AT - 1)
    found = list(i8_after_an_acknowledged_cancel_no_step_starts(evidence(acknowledged=(early,))))
    assert len(found) == 2
    late = replace(early, at=SENT_AT + 1)
    assert list(i8_after_an_acknowledged_cancel_no_step_starts(evidence(acknowledged=(late,)))) == []


@pytest.mark.parametrize(("numbers", "holds"), [((), True), ((3, 4, 5), True), ((1, 3), False), ((2, 1), False)])
def test_i9_finds_a_gap_and_a_step_back(numbers: tuple[int, ...], holds: bool) -> None:
    assert (list(i9_event_numbers_rise_without_gaps(evidence(events={EXECUTION: numbers}))) == []) is holds


def test_i10_finds_a_key_that_stands_for_two_things() -> None:
    first = Acknowledged(kind=REQUEST, subject="turn_1", key="k", body="b", execution_id="exec_1")
    planted = {"body": replace(first, body="c"), "execution": replace(first, execution_id="exec_2")}
    for other in planted.values():
        assert list(i10_a_key_stands_for_one_body_and_one_execution(evidence(acknowledged=(first, other)))) != []
    whole = evidence(acknowledged=(first, first))
    assert list(i10_a_key_stands_for_one_body_and_one_execution(whole)) == []
    assert list(i10_a_key_stands_for_one_body_and_one_execution(changed_store(whole, keys={"k": "turn_2"}))) != []
