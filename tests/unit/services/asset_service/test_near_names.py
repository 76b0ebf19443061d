import time

import pytest

from opsconductor.services.asset_service.near_names import NearNames, looks_like_name, near_word

LAB = ("app-01", "app-02", "web-01", "db-01", "WS-01", "WS-02", "gw-zrh-3", "core.example.com", "mailserver")


@pytest.mark.parametrize("text", ["app-01", "WS07", "gw-zrh-3", "db_main", "core.example", "h1x", "app-o1"])
def test_what_has_digits_or_joints_looks_like_a_name(text: str) -> None:
    assert looks_like_name(text)


@pytest.mark.parametrize(
    "text", ["restart", "a", "42", "2.3", "10-12", "app 01", "x" * 300, "-", "how?", "disk.", "über"]
)
def test_words_and_numbers_do_not_look_like_names(text: str) -> None:
    assert not looks_like_name(text)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("ap-01", "app-01"),
        ("app01", "app-01"),
        ("APP-01x", "app-01"),
        ("apq-01", "app-01"),
        ("pap-01", "app-01"),
        ("app-1", "app-01"),
        ("ws-002", "WS-02"),
        ("gw-zhr-3", "gw-zrh-3"),
        ("core", "core.example.com"),
        ("mailserver-", "mailserver"),
    ],
)
def test_a_typo_finds_its_name_first(text: str, name: str) -> None:
    near = NearNames(LAB).near(text)
    assert near[0][0] == name
    assert len(near) == 1 or near[0][1] > near[1][1]


def test_a_name_with_another_number_has_its_neighbours_behind_all_with_the_same_number() -> None:
    assert {name for name, _ in NearNames(LAB).near("app-09")} == {"app-01", "app-02"}
    names = dict(NearNames(["app-10", "app-01", "apq-11"]).near("app-11"))
    assert names["apq-11"] > max(names["app-10"], names["app-01"])


@pytest.mark.parametrize("text", ["zebra-99", "x1", "1234", "server-01", "totally.different.host", "web-77777"])
def test_what_is_far_from_every_name_finds_none(text: str) -> None:
    assert NearNames(LAB).near(text) == ()


def test_there_are_five_at_most_and_likeness_is_between_0_and_1() -> None:
    near = NearNames([f"host-{number:03d}" for number in range(500)]).near("host-999x")
    assert len(near) == 5
    assert all(0 <= score < 1 for _, score in near)


def test_a_hundred_thousand_names_are_searched_in_time() -> None:
    near = NearNames([f"srv-{number:06d}.dc{number % 7}" for number in range(100_000)])
    started = time.perf_counter()
    assert near.near("srb-054321.dc1")[0][0] == "srv-054321.dc1"
    assert time.perf_counter() - started < 0.5


@pytest.mark.parametrize(
    ("text", "found"), [("biling", "billing"), ("BILLNIG", "billing"), ("storefornt", "storefront")]
)
def test_a_misspelt_service_is_found(text: str, found: str) -> None:
    assert [name for name, _ in near_word(text, ["billing", "storefront", "api"])] == [found]


@pytest.mark.parametrize("text", ["filling", "billings", "bill", "apis", "build", "store front", "please"])
def test_other_words_are_no_misspelt_service(text: str) -> None:
    assert near_word(text, ["billing", "storefront", "api"]) == ()
