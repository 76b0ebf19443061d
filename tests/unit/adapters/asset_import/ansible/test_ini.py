from opsconductor.adapters.asset_import.ansible.ini import read_ini
from opsconductor.adapters.asset_import.ansible.inventory import Inventory
from opsconductor.adapters.asset_records import Faults


def read(text: str) -> Inventory:
    inventory = Inventory(faults=Faults(source="x"))
    read_ini(text, "hosts", inventory)
    return inventory


def test_quotes_and_comments_are_understood() -> None:
    inventory = read("; c\n# c\na x='1 2' y=\"#3\" # c\n[g]  # c\nb\n[g:vars]\nv = 'a b'\nw = it's\n")
    assert inventory.hosts["a"].variables == {"x": "1 2", "y": "#3"}
    assert inventory.groups["g"].variables == {"v": "a b", "w": "it's"}
    assert list(inventory.groups["g"].hosts) == ["b"]
    assert inventory.faults.found == []


def test_a_host_named_again_keeps_its_first_line_and_gains_variables() -> None:
    host = read("a x=1\n[g]\na y=2\n").hosts["a"]
    assert (host.line, host.variables) == (1, {"x": "1", "y": "2"})


def test_after_a_broken_section_its_lines_are_not_taken_for_hosts() -> None:
    inventory = read("[a:nonsense]\nb=1\n[c]\nd\n")
    assert list(inventory.hosts) == ["d"]
    assert [(fault.file, fault.line) for fault in inventory.faults.found] == [("hosts", 1)]
