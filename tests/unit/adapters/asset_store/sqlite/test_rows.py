import json

import pytest

from opsconductor.adapters.asset_store.sqlite.rows import COMPARED, compared, kind_of, list_of, service_names
from opsconductor.domain.assets import AssetService
from opsconductor.testing.contracts.asset_store import host

FULL = host(
    "app-01",
    role="app",
    services=(AssetService(name="Billing", port=80), AssetService(name="billing"), AssetService(name="x")),
    connection={"port": 22, "connector": "ssh"},
    attributes={"tags": ["b", "a"], "rack": {"u": 1, "n": None}},
)


def test_equal_assets_compare_as_equal_in_whatever_order_they_were_put_together() -> None:
    same = host("app-01", role="app", services=FULL.services, attributes=dict(reversed(list(FULL.attributes.items()))))
    assert compared(FULL)[:-2] == compared(same)[:-2]
    assert compared(FULL)[-1] == compared(same)[-1]
    assert compared(host("a")) == compared(host("a", asset_id="another id"))


@pytest.mark.parametrize("name", COMPARED)
def test_each_field_that_an_import_can_change_is_compared(name: str) -> None:
    value: object = "changed"
    if name == "services":
        value = (AssetService(name="changed"),)
    elif name in ("connection", "attributes"):
        value = {"changed": True}
    before, after = compared(host("a")), compared(host("a") if name == "name" else host("a", **{name: value}))
    if name == "name":
        after = compared(host("changed"))
    assert [field for field, old, new in zip(COMPARED, before, after, strict=True) if old != new] == [name]


def test_what_is_empty_takes_no_room() -> None:
    assert compared(host("a"))[-3:] == (None, None, None)


def test_the_kind_is_what_many_assets_share() -> None:
    assert kind_of(compared(FULL)) == ("linux_server", "app", "", "", "", "", "", "active", "medium")
    fields = {"name", "ip", "services", "connection", "attributes"}
    assert set(COMPARED) - fields == set(COMPARED[1:10])


def test_services_are_found_by_their_folded_names() -> None:
    assert service_names(FULL) == {("billing", "Billing"), ("billing", "billing"), ("x", "x")}


def test_a_list_holds_no_text_that_sqlite_would_cut() -> None:
    assert json.loads(list_of(["a", "b\x00c", "é", "\ud800"])) == ["a", None, "é", "\ud800"]
