"""Items know where they stand, and no two of a kind share a name."""

from opsconductor.adapters.catalogue.files.faults import Faults
from opsconductor.adapters.catalogue.files.items import Item, PackItems, mapping
from opsconductor.adapters.catalogue.files.reading import Fields
from opsconductor.adapters.catalogue.files.yaml_nodes import read_yaml


def test_the_second_of_a_name_is_a_fault_and_the_first_stays() -> None:
    faults, pack = Faults(), PackItems()
    one, two = (
        Item(name="x", data={}, fields=Fields(read_yaml(b"\nname: x"), file, faults, "the tool")) for file in ("a", "b")
    )
    pack.keep(pack.tools, one, "name")
    pack.keep(pack.tools, two, "name")
    assert pack.tools == {"x": one}
    assert one.place == "a:2"
    assert [fault.fault for fault in faults.sorted()] == ["The name 'x' is taken by a:2."]


def test_an_item_without_a_name_is_not_kept() -> None:
    pack = PackItems()
    pack.keep(pack.tools, Item(name="", data={}, fields=Fields(read_yaml(b"a: 1"), "a", Faults(), "the tool")), "name")
    assert pack.tools == {}


def test_what_is_no_mapping_is_an_empty_one() -> None:
    assert mapping({"a": 1}) == {"a": 1}
    assert mapping([1]) == {}
