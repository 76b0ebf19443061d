import pytest

from opsconductor.domain.customer import CustomerDataField, Scope
from opsconductor.domain.snapshot import CandidateVariable
from opsconductor.stages.a_classify.statements import only_states
from opsconductor.testing.turns import a_snapshot

FREEZE = CustomerDataField(
    key="change_freeze", scope=Scope.BUSINESS, type="boolean", examples=("turn the freeze {value}", "freeze is {value}")
)


def states(text: str, key: str = "change_freeze", value: str = "on") -> bool:
    candidate = CandidateVariable(key=key, value_text=value, scope=Scope.BUSINESS, is_update=False)
    return only_states(a_snapshot(text, candidate_variables=(candidate,)), (FREEZE,))


@pytest.mark.parametrize("text", ["freeze is on", "Turn the freeze ON!", "ok, by the way: freeze is on."])
def test_a_statement_is_one_of_the_fields_examples(text: str) -> None:
    assert states(text)


@pytest.mark.parametrize("text", ["freeze is on so restart billing", "freeze", "is it on", "freeze is off"])
def test_anything_more_or_less_is_not(text: str) -> None:
    assert not states(text)


def test_a_field_that_got_no_value_states_nothing() -> None:
    assert not states("freeze is on", key="team")
    assert not only_states(a_snapshot("freeze is on"), (FREEZE,))
