from dataclasses import replace

import pytest

from opsconductor.domain.assets import Mention
from opsconductor.phases.p02_sense.found import Found, mention
from opsconductor.phases.p02_sense.names import (
    Lookup,
    exact_names,
    hosts_of_services,
    lookup_of,
    previous_word,
    unknown_hosts,
    with_matches,
)
from opsconductor.phases.p02_sense.tokens import Reading
from opsconductor.testing.turns import an_asset_match


def looked_up(*names: tuple[str, str, float]) -> Lookup:
    """(text, kind, score) as the inventory answers; a score of 1 is exact."""
    return lookup_of(
        Mention(text=text, kind=kind, matches=(an_asset_match(text, exact=score == 1, score=score),))
        for text, kind, score in names
    )


def shown(claims: list[Found]) -> list[tuple[str, str, str]]:
    return [(one.entity.type, one.entity.value, one.entity.match) for one in claims]


def test_a_name_in_any_case_has_the_inventorys_spelling() -> None:
    claims = list(exact_names(Reading("is APP-01 up"), looked_up(("app-01", "host", 1))))
    assert shown(claims) == [("host", "app-01", "exact")]
    assert claims[0].entity.text == "APP-01"


def test_a_name_of_several_words_is_found() -> None:
    claims = list(exact_names(Reading("show Patch Panel 1 now"), looked_up(("patch panel 1", "host", 1))))
    assert claims[0].entity.text == "Patch Panel 1"


def test_an_ordinary_word_is_a_name_only_where_one_is_expected() -> None:
    lookup = looked_up(("storage", "service", 1))
    assert shown(list(exact_names(Reading("how much storage is left"), lookup))) == []
    assert shown(list(exact_names(Reading("is the storage service up"), lookup))) == [("service", "storage", "exact")]


def test_a_word_that_is_both_is_a_host_after_on_and_a_service_elsewhere() -> None:
    lookup = looked_up(("hub", "host", 1), ("hub", "service", 1))
    assert shown(list(exact_names(Reading("restart hub"), lookup)))[0][0] == "service"
    assert shown(list(exact_names(Reading("disk usage on hub"), lookup)))[0][0] == "host"


@pytest.mark.parametrize(
    ("text", "lookup", "expected"),
    [
        ("reboot app-09", looked_up(), [("host", "app-09", "none")]),
        ("reboot ap-01", looked_up(("ap-01", "host", 0.8)), [("host", "ap-01", "fuzzy")]),
        ("is app01 up", looked_up(("app01", "host", 0.8)), [("host", "app01", "fuzzy")]),
        ("reboot srv42", looked_up(), [("host", "srv42", "none")]),
        ("buy srv42", looked_up(), []),
        ("disk on fronted", looked_up(("fronted", "host", 0.9)), [("host", "fronted", "fuzzy")]),
        ("fronted is odd", looked_up(("fronted", "host", 0.9)), []),
        ("close ticket INC-4711", looked_up(), []),
        ("ping 10.0.0.1 with utf-8", looked_up(), []),
        ("a server called zeus", looked_up(), [("host", "zeus", "none")]),
        ("make me a sandwich on rye", looked_up(), []),
    ],
)
def test_what_looks_like_a_machine_is_said_to_be_unknown(
    text: str, lookup: Lookup, expected: list[tuple[str, str, str]]
) -> None:
    assert shown(list(unknown_hosts(Reading(text), lookup))) == expected


def test_an_exact_name_is_never_unknown() -> None:
    assert list(unknown_hosts(Reading("reboot app-01"), looked_up(("app-01", "host", 1)))) == []


def test_the_word_after_a_service_and_on_names_a_machine() -> None:
    text = "restart billing on the host frontend"
    service = mention("service", "billing", text, 8, 15)
    assert shown(list(hosts_of_services(text, [service], {}))) == [("host", "frontend", "none")]
    text = "restart billing on it"
    assert list(hosts_of_services(text, [replace(service)], {})) == []


def test_an_address_takes_the_assets_that_have_it() -> None:
    address = mention("ip", "10.0.0.1", "10.0.0.1", 0, 8)
    assert with_matches(address, {}).match == "none"
    known = with_matches(address, looked_up(("10.0.0.1", "ip", 1)))
    assert (known.match, len(known.matches)) == ("exact", 1)


def test_the_word_before_a_place() -> None:
    assert previous_word("ping (app-01", 6) == "ping"
    assert previous_word("ping, app-01", 6) == ""
    assert previous_word("app-01", 0) == ""
