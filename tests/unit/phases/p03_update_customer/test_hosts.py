from dataclasses import replace

import pytest

from opsconductor.domain.entities import Entity
from opsconductor.phases.p03_update_customer.hosts import (
    known_names,
    match_of,
    meant,
    resolved_hosts,
    unknown_host_question,
)
from opsconductor.phases.p03_update_customer.wording import labels_of
from opsconductor.testing.doubles.inventory.in_memory import InMemoryInventoryDouble, an_asset, open_inventory
from opsconductor.testing.turns import a_host, a_word, an_asset_match

HQ = an_asset_match("core-1", asset_id="t1", site="HQ", owner="Contoso")
LAB = an_asset_match("core-1", asset_id="t2", site="Lab", owner="Fabrikam")


def twin(text: str) -> Entity:
    return replace(a_host("core-1", text), asset_id=None, matches=(HQ, LAB))


def unknown(name: str, *near: str) -> Entity:
    matches = tuple(an_asset_match(one, exact=False, score=0.8) for one in near)
    host = a_host(name, f"reboot {name}")
    return replace(host, asset_id=None, match="fuzzy" if near else "none", matches=matches)


def test_a_unique_name_becomes_its_asset() -> None:
    named = resolved_hosts((replace(a_host("APP-01"), asset_id=None, matches=(an_asset_match("app-01"),)),), "APP-01")
    assert [(one.value, one.asset_id) for one in named.entities] == [("app-01", "asset_app-01")]
    assert (named.unknown, named.question) == ((), None)


def test_an_address_keeps_its_spelling() -> None:
    address = replace(a_word("ip", "10.0.0.1"), matches=(an_asset_match("app-01"),))
    (one,) = resolved_hosts((address,), "10.0.0.1").entities
    assert (one.type, one.value, one.asset_id) == ("ip", "10.0.0.1", "asset_app-01")


def test_an_address_outside_the_inventory_is_no_question() -> None:
    address = replace(a_word("ip", "10.0.0.1"), match="none")
    named = resolved_hosts((address,), "ping 10.0.0.1")
    assert (named.entities, named.unknown, named.question) == ((address,), (), None)


def test_two_of_one_name_are_asked_about_with_choices_that_resolve() -> None:
    named = resolved_hosts((twin("disk on core-1"),), "disk on core-1")
    assert named.question is not None
    assert named.question.reason == "ambiguous_target"
    assert named.question.options == ("core-1 at HQ (owner Contoso)", "core-1 at Lab (owner Fabrikam)")
    assert named.question.subject == "core-1"
    for option, match in labels_of((HQ, LAB)).items():
        text = f"disk on {option}"
        (one,) = resolved_hosts((twin(text),), text).entities
        assert one.asset_id == match.asset_id


def test_the_words_around_tell_twins_apart() -> None:
    text = "disk on core-1 of Fabrikam"
    assert meant(twin(text), (a_word("owner", "Fabrikam", text),), text) == (LAB,)
    assert meant(twin(text), (a_word("owner", "Nobody", text),), text) == (HQ, LAB)


def test_unknown_and_nearly_known_hosts_are_never_resolved() -> None:
    named = resolved_hosts((unknown("app-09", "app-01"), unknown("zz-9")), "app-09 zz-9")
    assert [one.value for one in named.unknown] == ["app-09", "zz-9"]
    assert [one.asset_id for one in named.entities] == [None, None]


async def test_a_nearly_known_host_is_asked_about_by_its_neighbours() -> None:
    question = await unknown_host_question(open_inventory(), "default", (unknown("app-09", "app-01", "app-02"),), ())
    assert question.question == "I know no host app-09. Did you mean app-01 or app-02?"
    assert (question.options, question.reason, question.subject) == (("app-01", "app-02"), "fuzzy_target", "app-09")


async def test_hosts_that_run_the_named_service_come_first() -> None:
    service = replace(a_word("service", "billing"), matches=(an_asset_match("app-02"), an_asset_match("pay-01")))
    near = unknown("app-09", "app-01", "app-02")
    question = await unknown_host_question(open_inventory(), "default", (near,), (service,))
    assert question.options == ("app-02", "pay-01", "app-01")


async def test_without_neighbours_names_that_begin_alike_are_offered() -> None:
    question = await unknown_host_question(open_inventory(), "default", (unknown("WS-99x"),), ())
    assert question.reason == "unknown_target"
    assert question.options == ("WS-01", "WS-02", "WS-03", "WS-04", "WS-05")


async def test_several_unknown_hosts_are_all_named() -> None:
    question = await unknown_host_question(
        open_inventory(), "default", (unknown("app-09", "app-01"), unknown("zz-9"), unknown("yy-8")), ()
    )
    assert "I know no host app-09. Nor do I know zz-9 or yy-8." in question.question


async def test_an_empty_inventory_is_said_to_be_empty() -> None:
    inventory = open_inventory()
    inventory.held = ()
    question = await unknown_host_question(inventory, "default", (unknown("app-09"),), ())
    assert question.question == "I know no host app-09. The inventory holds no host yet."
    assert question.options == ()


@pytest.mark.parametrize(("stem", "names"), [("db", ("db-01",)), ("x", None), ("zz", None)])
async def test_known_names_begin_with_the_stem_or_are_the_first(stem: str, names: tuple[str, ...] | None) -> None:
    assert await known_names(open_inventory(), "default", stem) == (
        names or ("WS-01", "WS-02", "WS-03", "WS-04", "WS-05")
    )


async def test_an_asset_is_a_certain_match() -> None:
    asset = an_asset("app-01", services=("billing",), site="HQ")
    match = match_of(asset)
    assert (match.asset_id, match.services, match.site, match.exact) == (asset.asset_id, ("billing",), "HQ", True)
    (mention,) = await InMemoryInventoryDouble((asset,)).resolve("default", ["app-01"])
    assert mention.matches == (match,)
