"""What is made once for a catalogue changes with what it is made of, and with nothing else."""

from dataclasses import replace

from opsconductor.domain.customer import CustomerDataField, Scope, VariableEntry
from opsconductor.phases.p01_identify.prepared import Prepared
from opsconductor.testing.contracts.lanes import a_catalogue
from opsconductor.testing.turns import MOMENT

TEAM = CustomerDataField(key="team", scope=Scope.BUSINESS, type="string", examples=("my team is {value}",))
BRIDGE = CustomerDataField(key="bridge", scope=Scope.SESSION, type="string")


def prepared() -> Prepared:
    agent = replace(a_catalogue().agent, settings={"act_confidence": 0.8})
    return Prepared(a_catalogue(agent=agent, customer_fields=(TEAM, BRIDGE)))


def test_the_digest_changes_with_every_setting_of_the_tenant() -> None:
    made = prepared()
    none, one, as_fraction, truth = (
        made.configuration("default", settings)
        for settings in ({}, {"clarify_rounds": 1}, {"clarify_rounds": 1.0}, {"clarify_rounds": True})
    )
    assert none.digest.startswith("sha256:")
    assert len({none.digest, one.digest, as_fraction.digest, truth.digest}) == 4
    assert [type(item.values["clarify_rounds"].value) for item in (none, one, as_fraction, truth)] == [
        int,
        int,
        float,
        bool,
    ]
    assert made.configuration("default", {}) == none


def test_one_tenants_settings_are_not_anothers() -> None:
    made = prepared()
    first = made.configuration("first", {"max_targets": 3})
    assert made.configuration("second", {}).values["max_targets"].source == "code"
    assert made.configuration("first", {"max_targets": 3}) == first
    assert first.values["max_targets"].value == 3


def test_the_digest_changes_with_the_pack() -> None:
    other = Prepared(a_catalogue())
    assert other.configuration("default", {}).digest != prepared().configuration("default", {}).digest


def test_the_mask_tells_of_each_field_whether_it_is_known() -> None:
    entry = VariableEntry(key="team", value="canary-4711", source="user", confidence=1.0, updated_at=MOMENT)
    made = prepared()
    assert {key: field.exists for key, field in made.mask({"team": entry}).items()} == {"team": True, "bridge": False}
    mask = made.mask({})
    assert {key: field.exists for key, field in mask.items()} == {"team": False, "bridge": False}
    assert mask["team"].examples == ("my team is {value}",)
    assert "canary" not in repr(made.mask({"team": entry}))
