from opsconductor.phases.p03_update_customer.wording import LONGEST_ECHO, echoed, labels_of, listed
from opsconductor.testing.turns import an_asset_match


def test_a_list_reads_as_a_sentence() -> None:
    assert listed(["a", "b", "c"]) == "a, b or c"
    assert listed(["a", "b"], "and") == "a and b"
    assert listed(["a"]) == "a"
    assert listed([]) == ""


def test_a_name_is_enough_where_it_is_the_only_one() -> None:
    assert list(labels_of([an_asset_match("app-01"), an_asset_match("app-02")])) == ["app-01", "app-02"]


def test_twins_are_told_apart_by_site_and_owner() -> None:
    twins = [an_asset_match("a", asset_id=site, site=site, owner="Contoso") for site in ("HQ", "Lab")]
    assert list(labels_of(twins)) == ["a at HQ (owner Contoso)", "a at Lab (owner Contoso)"]


def test_twins_of_one_place_are_told_apart_by_type_or_at_last_by_id() -> None:
    kinds = [
        an_asset_match("a", asset_id=kind, site="HQ", type=kind, environment="") for kind in ("pdu", "core_switch")
    ]
    assert list(labels_of(kinds)) == ["a at HQ (pdu)", "a at HQ (core switch)"]
    same = [an_asset_match("a", asset_id=asset_id) for asset_id in ("x1", "x2")]
    assert list(labels_of(same)) == ["a (id x1)", "a (id x2)"]


def test_the_same_asset_twice_is_one_label() -> None:
    assert list(labels_of([an_asset_match("a"), an_asset_match("a")])) == ["a"]


def test_a_long_echo_is_cut() -> None:
    assert echoed("app-09") == "app-09"
    assert len(echoed("x" * 500)) == LONGEST_ECHO
