import pytest

from opsconductor.phases.p02_sense.tokens import (
    MAX_LOOKED_UP,
    Reading,
    is_plain_word,
    looks_like_host,
    may_be_host,
    to_look_up,
    token,
    tokens_of,
)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("restart billing on app-01.", ["restart", "billing", "on", "app-01"]),
        ("is 'app-01' (or \"web-01\") up?", ["is", "app-01", "or", "web-01", "up"]),
        ("app-01's disks, app-02; web-01!", ["app-01", "s", "disks", "app-02", "web-01"]),
        ("PP:MDF and app-01:8080", ["PP:MDF", "and", "app-01:8080"]),
        ("... -- !!", []),
    ],
)
def test_words_come_without_the_punctuation_around_them(text: str, words: list[str]) -> None:
    found = tokens_of(text)
    assert [one.text for one in found] == words
    assert all(text[one.start : one.end] == one.text for one in found)


@pytest.mark.parametrize(
    "name",
    ["app-01", "WS-07", "dmi01-akron-rtr01", "srv42.example.com", "db_2", "host.internal", "300.1.2.3", "\u0430pp-01"],
)
def test_names_of_machines_are_recognised(name: str) -> None:
    assert looks_like_host(name)


@pytest.mark.parametrize(
    "word",
    [
        *("billing", "time-outs", "utf-8", "covid-19", "top-10", "mid-2024", "config.yaml", "e.g", "node.js", "1.4.2"),
        *("24-port", "2026-03-02", "restart billing", "x" * 300, "step-3"),
    ],
)
def test_other_words_are_no_names_of_machines(word: str) -> None:
    assert not looks_like_host(word)


def test_letters_and_digits_may_be_a_host_where_one_is_expected() -> None:
    assert may_be_host("srv42")
    assert not may_be_host("http2")
    assert not may_be_host("42")


def test_runs_of_words_may_be_a_name_but_not_across_a_comma() -> None:
    names = {one.text for one in Reading("show Patch Panel 1, the rack").names}
    assert {"Patch Panel", "Patch Panel 1", "Panel 1", "show Patch Panel"} <= names
    assert not {name for name in names if "," in name or name.startswith("the")}


def test_parts_around_a_port_and_a_slash_may_be_names() -> None:
    names = {one.text for one in Reading("app-01:8080 app-02/web-01 /var/log").names}
    assert {"app-01", "app-02", "web-01"} <= names


def test_a_hundred_names_are_looked_up_before_anything_else() -> None:
    hosts = [f"app-{number:03d}" for number in range(100)]
    wanted, left_out = to_look_up(Reading("disk usage on " + ", ".join(hosts)).names)
    assert set(hosts) <= set(wanted)
    assert len(wanted) <= MAX_LOOKED_UP
    assert not left_out


def test_names_past_the_limit_are_said_to_be_left_out() -> None:
    wanted, left_out = to_look_up(Reading(" ".join(f"app-{number:03d}" for number in range(300))).names)
    assert len(wanted) == MAX_LOOKED_UP
    assert left_out


def test_a_name_said_twice_is_looked_up_once() -> None:
    wanted, _ = to_look_up([token("app-01", 0), token("APP-01", 9)])
    assert wanted == ["app-01"]


def test_everyday_words_are_plain() -> None:
    assert is_plain_word("Status")
    assert not is_plain_word("billing")
