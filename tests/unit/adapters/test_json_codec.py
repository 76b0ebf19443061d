from collections.abc import Mapping
from types import MappingProxyType

import pytest

from opsconductor.adapters.json_codec import dump, dump_bytes, load
from opsconductor.domain.customer import VariableEntry
from opsconductor.domain.errors import BadInput
from opsconductor.domain.execution import Attempt, StepResult, StepStatus
from opsconductor.domain.identity import Identity, Role
from opsconductor.domain.json_value import Json
from opsconductor.domain.turn import Session


def entry(value: Json) -> VariableEntry:
    return VariableEntry(key="team", value=value, source="user", confidence=0.5, updated_at="2026-05-05T12:00:00.000Z")


RESULT = StepResult(
    step_id="step_1",
    tool="service-restart",
    target="app-01",
    target_id="asset_1",
    status=StepStatus.SUCCEEDED,
    attempts=(Attempt(number=1, started_at="2026-05-05T12:00:00.000Z", request={"argv": ["svc", "restart"]}),),
    started_at="2026-05-05T12:00:00.000Z",
    completed_at=None,
    duration_s=1.5,
    output={"pids": [1, 2], "up": True, "load": 0.1},
)


@pytest.mark.parametrize(
    "value", [RESULT, Identity(identity_id="i", tenant="t", name="ana", roles=frozenset({Role.ADMIN, Role.VIEWER}))]
)
def test_what_is_dumped_loads_as_an_equal_value(value: object) -> None:
    assert load(type(value), dump(value)) == value
    assert load(type(value), dump_bytes(value)) == value


@pytest.mark.parametrize(
    "value", [None, True, 0, 1, 10**30, 1.0, 0.1, "", "12", "サーバー🚀", [1, [2, {}]], {"1": [None]}]
)
def test_free_json_keeps_its_type_and_its_value(value: Json) -> None:
    again = load(VariableEntry, dump_bytes(entry(value))).value
    assert again == value
    assert type(again) is type(value)


def test_a_dump_is_plain_json_data() -> None:
    data = dump(RESULT)
    assert isinstance(data, Mapping)
    assert data["status"] == "succeeded"
    assert type(data["status"]) is str
    assert data["attempts"] == [
        {
            "number": 1,
            "started_at": "2026-05-05T12:00:00.000Z",
            "completed_at": None,
            "request": {"argv": ["svc", "restart"]},
            "response": {},
            "before": None,
            "after": None,
        }
    ]


def test_a_tuple_of_values_is_dumped_as_a_list() -> None:
    assert load(tuple[StepResult, ...], dump_bytes((RESULT, RESULT))) == (RESULT, RESULT)
    assert dump((RESULT,)) == [dump(RESULT)]


def test_any_mapping_is_taken_as_an_object() -> None:
    frozen = MappingProxyType({"a": MappingProxyType({"b": 1})})
    session = Session(session_id="s", tenant="t", agent="ops", customer_id="c", identity_id="i", variables=frozen)
    assert load(Session, dump_bytes(session)).variables == {"a": {"b": 1}}
    assert load(VariableEntry, dump(entry(frozen))).value == {"a": {"b": 1}}


def test_keys_that_a_later_version_added_are_left_out() -> None:
    data = dict(load(dict[str, Json], dump_bytes(entry(1)))) | {"added_later": 5}
    assert load(VariableEntry, data) == entry(1)


@pytest.mark.parametrize(
    ("data", "field"),
    [(b'{"key": "team"}', "value"), (b'{"key": ', ""), (b"\xff", ""), ([], ""), ({"key": 5}, "key")],
)
def test_what_does_not_fit_is_refused_and_the_field_named(data: bytes | Json, field: str) -> None:
    with pytest.raises(BadInput) as caught:
        load(VariableEntry, data)
    assert caught.value.code == "request.invalid"
    assert caught.value.facts == {"field": field}


def test_half_a_character_pair_is_refused() -> None:
    with pytest.raises(BadInput) as caught:
        dump_bytes(entry("\ud800"))
    assert caught.value.code == "request.bad_text"
