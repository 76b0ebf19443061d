from datetime import UTC, datetime
from typing import Any

import pytest

from opsconductor.adapters.schema.json_schema import open_schemas
from opsconductor.domain.customer import CustomerDataField, Scope, VariableEntry
from opsconductor.domain.json_value import Json
from opsconductor.domain.snapshot import CandidateVariable
from opsconductor.phases.p03_update_customer.values import KEPT_HISTORY, Unfit, ValueChanges, typed, with_values

NOW = datetime(2026, 5, 5, 12, 0, tzinfo=UTC)


def field(kind: str, key: str = "team", scope: Scope = Scope.BUSINESS, **validation: Json) -> CustomerDataField:
    return CustomerDataField(key=key, scope=scope, type=kind, validation=validation)


def stated(value: str, declared: CustomerDataField, **known: VariableEntry) -> ValueChanges:
    candidate = CandidateVariable(key=declared.key, value_text=value, scope=declared.scope, is_update=bool(known))
    return with_values(known, (declared,), (candidate,), open_schemas(), NOW)


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("string", " Platform Ops ", "Platform Ops"),
        ("number", "1,200", 1200),
        ("number", "-2.5", -2.5),
        ("boolean", "Yes", True),
        ("boolean", "off", False),
        ("datetime", "2026-03-02T10:00:00+02:00", "2026-03-02T08:00:00.000Z"),
        ("datetime", "2026-03-02", "2026-03-02T00:00:00.000Z"),
        ("datetime", "yesterday", "2026-05-04T12:00:00.000Z"),
        ("json", '{"a": [1, null]}', {"a": [1, None]}),
    ],
)
def test_text_becomes_a_value_of_the_declared_type(kind: str, text: str, value: Json) -> None:
    assert typed(text, field(kind), NOW) == value


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        *(("number", text) for text in ("many", "1e9", "nan", "0x10", "1.2.3")),
        *(("boolean", text) for text in ("maybe", "2")),
        *(("datetime", text) for text in ("whenever", "2026-13-45")),
        *(("json", text) for text in ("{", '{"a": 1, "a": 2}', "NaN", "[Infinity]", "[" * 100_000)),
    ],
)
def test_text_that_is_no_such_value_is_unfit(kind: str, text: str) -> None:
    with pytest.raises(Unfit):
        typed(text, field(kind), NOW)


@pytest.mark.parametrize(
    ("declared", "text"),
    [
        (field("string", enum=["staging", "production"]), "moon"),
        (field("string", pattern="^[A-Z]{2,4}$"), "toolong"),
        (field("number", minimum=1, maximum=10), "11"),
        (field("number"), "many"),
    ],
)
def test_a_value_against_its_declaration_is_rejected_with_a_reason(declared: CustomerDataField, text: str) -> None:
    changes = stated(text, declared)
    assert (changes.data, changes.changed) == ({}, ())
    (rejected,) = changes.rejected
    assert (rejected.key, rejected.value_text) == ("team", text)
    assert rejected.reason


def test_a_choice_takes_the_declared_spelling() -> None:
    (entry,) = stated("STAGING", field("string", enum=["staging", "production"])).changed
    assert entry.value == "staging"


def test_a_field_nobody_declared_is_rejected() -> None:
    candidate = CandidateVariable(key="shoe_size", value_text="43", scope=Scope.CASE, is_update=False)
    changes = with_values({}, (), (candidate,), open_schemas(), NOW)
    assert changes.changed == ()
    assert "shoe_size" in changes.rejected[0].reason


def entry(value: Json, *history: Json) -> VariableEntry:
    return VariableEntry(key="team", value=value, source="tool", confidence=0.5, updated_at="", history=history)


def test_a_new_value_keeps_the_old_ones_newest_first() -> None:
    (changed,) = stated("red", field("string"), team=entry("blue", "green")).changed
    assert changed.history == ("blue", "green")
    assert (changed.value, changed.source, changed.updated_at) == ("red", "user", "2026-05-05T12:00:00.000Z")
    assert 0 < changed.confidence <= 1


def test_history_is_short() -> None:
    old: tuple[Any, ...] = tuple(range(KEPT_HISTORY))
    (changed,) = stated("red", field("string"), team=entry("blue", *old)).changed
    assert changed.history == ("blue", *old[:-1])


def test_the_same_value_again_changes_nothing() -> None:
    changes = stated("blue", field("string"), team=entry("blue"))
    assert changes.changed == ()
    assert changes.data["team"] == entry("blue")


def test_what_is_not_spoken_of_stays() -> None:
    changes = stated("red", field("string"), other=entry("kept"))
    assert changes.data["other"] == entry("kept")
    assert changes.data["team"].value == "red"
