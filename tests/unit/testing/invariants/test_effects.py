"""A planted difference between the World and the record is found, each by its invariant."""

from dataclasses import replace

import pytest

from opsconductor.domain.approvals import ApprovalState
from opsconductor.domain.execution import ExecutionStatus, StepStatus
from opsconductor.testing.contracts.storage import samples
from opsconductor.testing.invariants.effects import (
    i2_an_effect_happens_at_most_once,
    i3_the_record_says_what_the_world_did,
    i5_each_effect_was_approved,
    i7_the_chain_is_whole_and_each_intent_comes_first,
)
from opsconductor.testing.invariants.evidence import DUPLICATE, FALSE_DONE, FALSE_FAILED, LOST
from opsconductor.testing.world.log import ASKED, DONE
from tests.unit.testing.invariants.healthy import again, changed_execution, changed_store, evidence, undone, without


@pytest.mark.parametrize("effect", ["idempotent", "compensatable", "irreversible"])
def test_i2_finds_what_was_done_twice(effect: str) -> None:
    whole = evidence(effect)
    assert list(i2_an_effect_happens_at_most_once(whole)) == []
    found = list(i2_an_effect_happens_at_most_once(again(whole, "step_2")))
    assert [one.harm for one in found] == [DUPLICATE]
    assert "step_2 on app-02" in found[0].words


def test_i2_allows_what_was_tried_again_on_the_record_only_where_again_changes_nothing() -> None:
    for effect, allowed in (("idempotent", True), ("compensatable", False)):
        whole = again(evidence(effect), "step_1")
        row = whole.store.executions[0].journal[0]
        tried_twice = changed_execution(whole, journal=(row, *whole.store.executions[0].journal))
        assert (list(i2_an_effect_happens_at_most_once(tried_twice)) == []) is allowed


@pytest.mark.parametrize("status", [StepStatus.FAILED, StepStatus.SKIPPED])
def test_i3_finds_a_false_failed(status: StepStatus) -> None:
    found = list(i3_the_record_says_what_the_world_did(evidence(status=status)))
    assert {one.harm for one in found} == {FALSE_FAILED}
    assert list(i3_the_record_says_what_the_world_did(without(evidence(status=status), "step_1", ASKED, DONE))) == []


@pytest.mark.parametrize("status", [StepStatus.SUCCEEDED, StepStatus.COMPENSATED])
def test_i3_finds_a_false_done(status: StepStatus) -> None:
    found = list(i3_the_record_says_what_the_world_did(without(evidence(status=status), "step_1", DONE)))
    assert {one.harm for one in found} == {FALSE_DONE}


def test_i3_wants_what_is_called_taken_back_to_be_taken_back() -> None:
    whole = evidence(status=StepStatus.COMPENSATED)
    assert [one.harm for one in i3_the_record_says_what_the_world_did(whole)] == [FALSE_DONE] * 2
    assert list(i3_the_record_says_what_the_world_did(undone(whole))) == []


@pytest.mark.parametrize("happened", [True, False])
def test_i3_takes_unknown_for_either(happened: bool) -> None:
    whole = evidence(status=StepStatus.UNKNOWN)
    assert list(i3_the_record_says_what_the_world_did(whole if happened else without(whole, "step_1", DONE))) == []


@pytest.mark.parametrize("status", [ExecutionStatus.FAILED, ExecutionStatus.TIMED_OUT, ExecutionStatus.CANCELLED])
def test_i3_finds_a_whole_execution_that_is_called_not_done(status: ExecutionStatus) -> None:
    found = list(i3_the_record_says_what_the_world_did(changed_execution(evidence(), status=status)))
    assert {one.harm for one in found} == {FALSE_FAILED}


def test_i5_finds_an_effect_without_its_approval() -> None:
    whole = evidence()
    assert list(i5_each_effect_was_approved(whole)) == []
    approval = whole.store.executions[0].approvals[0]
    planted = {
        "nobody approved": (),
        "not consumed": (replace(approval, state=ApprovalState.APPROVED),),
        "another plan": (replace(approval, plan_hash="sha256:other"),),
        "too few": (replace(approval, needed=2),),
        "a stranger": (replace(approval, decisions=(samples.decision(who="idn_stranger"),)),),
        "alone": (replace(approval, level=2),),
        "too late": (replace(approval, decisions=(samples.decision(at="2096-01-01T00:00:00.000Z"),)),),
    }
    for name, approvals in planted.items():
        assert list(i5_each_effect_was_approved(changed_execution(whole, approvals=approvals))) != [], name


def test_i5_takes_a_broken_glass_for_a_second_person() -> None:
    whole = evidence()
    approval = replace(
        whole.store.executions[0].approvals[0], level=2, decisions=(samples.decision(break_glass=True, reason="fire"),)
    )
    assert list(i5_each_effect_was_approved(changed_execution(whole, approvals=(approval,)))) == []


def test_i7_finds_a_broken_chain_and_what_was_not_written_down_before() -> None:
    whole = evidence()
    assert list(i7_the_chain_is_whole_and_each_intent_comes_first(whole)) == []
    planted = {
        "": changed_store(whole, broken_chains=("default",)),
        "an intent in the journal": changed_execution(whole, journal=whole.store.executions[0].journal[1:]),
        "an audit row": changed_store(whole, audit=whole.store.audit[1:]),
        "no such step": changed_store(whole, executions=()),
    }
    for words, faulty in planted.items():
        found = list(i7_the_chain_is_whole_and_each_intent_comes_first(faulty))
        assert found != [], words
        assert words in found[0].words
    lost = i7_the_chain_is_whole_and_each_intent_comes_first(planted["no such step"])
    assert {one.harm for one in lost} == {LOST}
