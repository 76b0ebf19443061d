from opsconductor.adapters.asset_import.ansible.inventory import Inventory
from opsconductor.adapters.asset_import.ansible.yaml_inventory import read_yaml_inventory
from opsconductor.adapters.asset_records import Faults


def read(text: str) -> Inventory:
    inventory = Inventory(faults=Faults(source="x"))
    read_yaml_inventory(text, "hosts.yml", inventory)
    return inventory


def test_groups_hosts_and_variables_are_found_wherever_they_stand() -> None:
    inventory = read("web: {hosts: {a: {x: 1}}, vars: {v: 1}}\nall: {children: {web: {hosts: {b: }}, db: }}\n")
    assert list(inventory.groups["web"].hosts) == ["a", "b"]
    assert inventory.groups["web"].variables == {"v": "1"}
    assert list(inventory.groups["all"].children) == ["web", "db"]
    assert inventory.declared >= {"web", "db", "all"}


def test_one_host_may_be_written_as_text() -> None:
    assert list(read("web: {hosts: a}\n").hosts) == ["a"]


def test_a_key_that_means_nothing_is_warned_of() -> None:
    assert read("web: {host: {a: }}\n").warnings() == (
        "hosts.yml: 'host' of group web is none of hosts, vars, children; left out.",
    )


def test_a_group_called_plugin_is_a_group() -> None:
    assert read("plugin: {hosts: {a: }}\n").faults.found == []
