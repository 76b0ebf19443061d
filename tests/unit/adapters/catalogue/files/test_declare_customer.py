"""Each fault of a customer field is found in its line."""

import pytest

from tests.unit.adapters.catalogue.files.conftest import SmallPack

FILE = "customer_fields.yaml"


@pytest.mark.parametrize(
    ("old", "new", "line", "fault"),
    [
        ("key: night", "key: Night", 1, "key 'Night' has not the form of a name."),
        ("scope: SESSION", "scope: TURN", 2, "scope 'TURN' is not known."),
        ("type: boolean", "type: bool", 3, "type 'bool' is not known."),
        ("type: boolean", "type: boolean\n  persist: true", 4, "A SESSION field is never kept."),
        ("scope: SESSION", "scope: IDENTITY\n  pii: true", 3, "Personal data is kept without an end."),
        ("type: boolean", "type: boolean\n  validation: {enum: [a]}", 4, "A field of type boolean has no enum."),
        ("type: boolean", "type: string\n  validation: {minimum: 3}", 4, "A field of type string has no minimum."),
        ("type: boolean", "type: string\n  validation: {pattern: (}", 4, "cannot be run in linear time"),
        ("type: boolean", "type: string\n  validation: {patern: x}", 4, "Did you mean pattern?"),
        ("night is {value}", "it is night", 6, "The example does not hold {value} once."),
        ("night is {value}", "'{value} is {value}'", 6, "The example does not hold {value} once."),
    ],
)
def test_fault(pack: SmallPack, old: str, new: str, line: int, fault: str) -> None:
    pack.edit(FILE, old, new)
    found = [one for one in pack.faults() if fault in one]
    assert found, pack.faults()
    assert found[0].startswith(f"{FILE}:{line}: ")


def test_a_session_field_is_not_kept_even_when_nothing_is_said(pack: SmallPack) -> None:
    field = pack.check().declaration["customer_fields"][0]
    assert field["persist"] is False
