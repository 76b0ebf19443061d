from typing import Any

import pytest

from opsconductor.adapters.asset_import.ansible.hosts import record_of
from opsconductor.adapters.asset_import.ansible.inventory import Inventory
from opsconductor.adapters.asset_records import Faults, Record
from opsconductor.domain.assets import AssetService


def record(**variables: Any) -> tuple[Record, Inventory]:
    inventory = Inventory(faults=Faults(source="x"))
    host = inventory.host("h", "", 3)
    host.variables.update(variables)
    return record_of(host, [], inventory), inventory


@pytest.mark.parametrize(
    "value",
    ["billing:80, api", "['billing:80', 'api']", ["billing:80", "api"], [{"name": "billing", "port": "80"}, "api"]],
)
def test_services_are_read_in_every_way_they_are_written(value: Any) -> None:
    found, _ = record(services=value)
    assert found.services == (AssetService(name="billing", port=80), AssetService(name="api"))


@pytest.mark.parametrize(
    "value", [{"nginx": {}}, [1], [{"port": "80"}], "['a'", "[print(1)]", "a:b:c", [{"name": "a", "x": "y"}], "[1, 2]"]
)
def test_services_that_cannot_be_read_are_left_out_and_told(value: Any) -> None:
    found, inventory = record(services=value)
    assert found.services == ()
    assert inventory.warnings()[0].startswith("services of h was left out")


def test_the_older_names_of_variables_are_known() -> None:
    found, _ = record(ansible_ssh_host="h.example", ansible_ssh_port="2022", ansible_ssh_user="ops")
    assert found.connection == {"connector": "ssh", "host": "h.example", "port": 2022, "username": "ops"}


def test_a_port_that_is_none_is_a_fault_at_the_host() -> None:
    _, inventory = record(ansible_port="0")
    assert [(fault.line, fault.column) for fault in inventory.faults.found] == [(3, "ansible_port")]


def test_an_ip_of_its_own_beats_the_address_it_is_reached_at() -> None:
    assert record(ip="10.0.0.1", ansible_host="192.0.2.1")[0].fields["ip"] == "10.0.0.1"
    assert record(ansible_host="192.0.2.1")[0].fields["ip"] == "192.0.2.1"
    assert record(ansible_host="name.example")[0].fields["ip"] == ""
