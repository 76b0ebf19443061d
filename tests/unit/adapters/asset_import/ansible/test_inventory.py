import pytest

from opsconductor.adapters.asset_import.ansible.inventory import Inventory
from opsconductor.adapters.asset_records import Faults
from opsconductor.domain.errors import BadInput


def an_inventory(children: dict[str, list[str]], hosts: dict[str, list[str]]) -> Inventory:
    inventory = Inventory(faults=Faults(source="x"))
    for name, below in children.items():
        inventory.group(name).children.update(dict.fromkeys(below))
    for name, members in hosts.items():
        for host in members:
            inventory.host(host, "", 1)
            inventory.group(name).hosts[host] = None
    return inventory


def test_a_host_is_in_its_groups_and_in_those_above_widest_first() -> None:
    inventory = an_inventory({"top": ["mid", "low"], "mid": ["low"]}, {"low": ["h"], "aside": ["h"], "all": ["lonely"]})
    assert inventory.memberships() == {"h": ["aside", "top", "mid", "low"], "lonely": []}


@pytest.mark.parametrize("children", [{"a": ["a"]}, {"a": ["b"], "b": ["c"], "c": ["a"]}, {"x": ["a"], "a": ["x"]}])
def test_a_circle_of_groups_is_refused(children: dict[str, list[str]]) -> None:
    with pytest.raises(BadInput, match="contains itself"):
        an_inventory(
            {**children, **{name: [] for below in children.values() for name in below if name not in children}}, {}
        ).check()


def test_a_group_that_is_reached_twice_is_no_circle() -> None:
    an_inventory({"a": ["b", "c"], "b": ["d"], "c": ["d"], "d": []}, {}).check()


def test_a_long_chain_of_groups_is_followed() -> None:
    chain = {f"g{number}": [f"g{number + 1}"] for number in range(3_000)}
    inventory = an_inventory({**chain, "g3000": []}, {"g3000": ["h"]})
    inventory.check()
    assert len(inventory.memberships()["h"]) == 3_001


def test_a_hundred_warnings_are_shown_and_the_others_counted() -> None:
    inventory = an_inventory({}, {})
    for number in range(250):
        inventory.warn(f"{number % 150} was left out.")
    assert (len(inventory.warnings()), inventory.warnings()[-1]) == (101, "50 more were left out.")
