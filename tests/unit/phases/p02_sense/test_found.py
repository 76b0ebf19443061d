from opsconductor.domain.entities import Entity
from opsconductor.phases.p02_sense.found import MOST_OF_A_TYPE, found, masked, mention, standing, within_limit

TEXT = "restart billing on app-01 again"


def at(kind: str, said: str, value: str = "") -> Entity:
    start = TEXT.index(said)
    return mention(kind, value or said, TEXT, start, start + len(said))


def test_the_longest_claim_stands() -> None:
    claims = [found(at("service", "billing")), found(at("command", "billing on app-01")), found(at("host", "app-01"))]
    assert [one.type for one in standing(claims)] == ["command"]


def test_of_two_claims_to_the_same_words_the_stronger_type_stands() -> None:
    claims = [found(at("role", "billing")), found(at("service", "billing")), found(at("user", "billing"))]
    assert [one.type for one in standing(claims)] == ["service"]


def test_a_guess_stands_only_where_nothing_else_does() -> None:
    claims = [found(at("host", "app-01"), guess=True), found(at("site", "app-01"))]
    assert [one.type for one in standing(claims)] == ["site"]
    assert [one.type for one in standing(claims[:1])] == ["host"]
    known = [found(at("os", "billing", "Billing 1")), found(at("os", "billing"), guess=True)]
    assert [one.value for one in standing(known)] == ["Billing 1"]


def test_alternatives_of_one_type_stand_together_once() -> None:
    claims = [found(at("role", "billing", value)) for value in ("Core Switch", "ToR Switch", "Core Switch")]
    assert [one.value for one in standing(claims)] == ["Core Switch", "ToR Switch"]
    assert masked(TEXT, standing(claims)) == "restart {role} on app-01 again"


def test_the_mask_has_types_in_place_of_names() -> None:
    entities = standing([found(at("host", "app-01")), found(at("service", "billing"))])
    assert masked(TEXT, entities) == "restart {service} on {host} again"


def test_other_words_are_replaced_where_no_name_stands() -> None:
    host = at("host", "app-01")
    again = (TEXT.index("again"), len(TEXT), "{when}")
    assert masked(TEXT, [host], [again, (host.start, host.end, "{x}")]) == "restart billing on {host} {when}"


def test_numbers_are_not_masked_and_platforms_are_systems() -> None:
    assert masked(TEXT, [at("number", "app-01"), at("platform", "again")]) == "restart billing on app-01 {os}"


def test_no_type_floods_the_snapshot() -> None:
    many = [at("number", "app-01", str(number)) for number in range(MOST_OF_A_TYPE + 50)]
    kept = within_limit([*many, at("host", "app-01")])
    assert len(kept) == MOST_OF_A_TYPE + 1
    assert kept[-1].type == "host"


def test_braces_of_a_person_are_no_mask() -> None:
    assert masked("ping {host} now", ()) == "ping (host) now"
