import pytest

from opsconductor.stages.a_classify.follow_up import continues, with_former
from opsconductor.testing.turns import a_host, a_snapshot, a_word


@pytest.mark.parametrize(
    "masked",
    [
        "and {host}?",
        "what about {host}",
        "And how about {service} on {host}?",
        "same for {host} and {host}",
        "no, i meant {host}",
        "{host}",
        "ok, now on the {host} too",
        "{service}, {service} and {service} please",
    ],
)
def test_only_things_continue_the_turn_before(masked: str) -> None:
    assert continues(a_snapshot(masked))


@pytest.mark.parametrize(
    "masked", ["what is {host}?", "is {host} up", "{host} is slow", "restart {service}", "and why?", "", "help", "{"]
)
def test_words_that_ask_something_do_not(masked: str) -> None:
    assert not continues(a_snapshot(masked))


def test_what_is_not_named_again_is_kept() -> None:
    former = (a_word("service", "billing"), a_host("app-01"))
    kept = with_former((a_host("app-02"),), former)
    assert [(entity.type, entity.value) for entity in kept] == [("host", "app-02"), ("service", "billing")]
    assert kept[1].confidence == 0.9


def test_an_address_takes_the_place_of_a_host() -> None:
    assert with_former((a_word("ip", "10.0.0.1"),), (a_host("app-01"),)) == (a_word("ip", "10.0.0.1"),)
