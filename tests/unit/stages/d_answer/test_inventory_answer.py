"""Counts and lists in words, each number with its place in the output."""

from opsconductor.domain.json_value import Json
from opsconductor.stages.d_answer.inventory_answer import inventory_facts, is_inventory_answer, noun_for

COUNT: dict[str, Json] = {"query_type": "count"}
NOUNS: dict[str, Json] = {"windows_workstation": {"one": "Windows workstation", "many": "Windows workstations"}}


def test_the_seeds_count_is_worded_as_the_seed_does() -> None:
    output: dict[str, Json] = {"success": True, "total_count": 6, "breakdown": {"windows_workstation": 6}}
    facts, evidence = inventory_facts(output, {"query_type": "count", "filters": {}}, NOUNS, "step_1")
    assert facts == ["You have 6 assets in the system:\n- 6 Windows workstations"]
    assert ("6", "output.total_count", 6) in [(item.claim, item.path, item.value) for item in evidence]


def test_one_asset_is_singular_and_none_is_a_sentence() -> None:
    one, _ = inventory_facts({"total_count": 1, "breakdown": {"windows_workstation": 1}}, COUNT, NOUNS, "s")
    assert one == ["You have 1 asset in the system:\n- 1 Windows workstation"]
    none, _ = inventory_facts({"total_count": 0, "breakdown": {}}, COUNT, NOUNS, "s")
    assert none == ["You have 0 assets in the system."]


def test_filters_are_said_with_the_number() -> None:
    inputs: dict[str, Json] = {"query_type": "count", "filters": {"role": "Router", "site": ["A", "B"]}}
    facts, _ = inventory_facts({"total_count": 2, "breakdown": {"device": 2}}, inputs, {}, "s")
    assert facts == ["You have 2 assets with role Router, site A or B:\n- 2 devices"]


def test_a_filter_by_type_becomes_the_noun() -> None:
    inputs: dict[str, Json] = {"query_type": "count", "filters": {"type": "windows_workstation", "site": "HQ"}}
    facts, _ = inventory_facts({"total_count": 4, "breakdown": {"windows_workstation": 4}}, inputs, NOUNS, "s")
    assert facts == ["You have 4 Windows workstations with site HQ."]


def test_one_asset_is_described_field_by_field() -> None:
    asset = {"name": "app-01", "type": "linux_server", "site": "lab", "services": [{"name": "billing", "port": 80}]}
    facts, evidence = inventory_facts({"total_count": 1, "breakdown": {}, "assets": [asset]}, {}, {}, "s")
    assert facts == ["app-01: type linux server, site lab, service billing."]
    assert ("billing", "output.assets.0.services.0.name") in [(item.claim, item.path) for item in evidence]


def test_a_long_list_says_how_many_are_shown() -> None:
    assets = [{"name": f"h{number}", "type": "linux_server"} for number in range(25)]
    facts, _ = inventory_facts({"total_count": 25, "breakdown": {}, "assets": assets}, {"query_type": "list"}, {}, "s")
    lines = facts[0].splitlines()
    assert lines[0] == "You have 25 assets in the system:"
    assert lines[1] == "- h0 · linux server"
    assert lines[-1] == "- … the first 20 are shown"


def test_grouping_by_another_field_names_the_group_first() -> None:
    output: dict[str, Json] = {"total_count": 3, "breakdown": {"HQ": 1, "": 2}}
    facts, _ = inventory_facts(output, {"query_type": "group", "group_by": "site"}, {}, "s")
    assert facts == ["You have 3 assets in the system:\n- (none): 2\n- HQ: 1"]


def test_other_outputs_are_left_alone() -> None:
    assert not is_inventory_answer({"pid": 1})
    assert not is_inventory_answer(None)
    assert noun_for("virtual_machine", 2, {}) == "virtual machines"
