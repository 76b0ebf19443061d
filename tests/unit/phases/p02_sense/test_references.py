import pytest

from opsconductor.domain.entities import Entity
from opsconductor.phases.p02_sense.cues import Said
from opsconductor.phases.p02_sense.references import as_types, pointers_in
from opsconductor.testing.turns import a_host, a_word


def references_in(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(pointer.words for pointer in pointers_in(Said(text))))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("restart it", ("it",)),
        ("is it up?", ("it",)),
        ("turn it off and on again", ("it",)),
        ("restart billing on that host", ("that host",)),
        ("how full is the disk on this server?", ("this server",)),
        ("how full is the disk there?", ("there",)),
        ("restart the same service on app-02", ("the same service",)),
        ("ping them", ("them",)),
        ("what's its ip", ("its",)),
        ("who owns that?", ("that",)),
        ("check those machines and restart it", ("those machines", "it")),
    ],
)
def test_pointing_words_are_found(text: str, words: tuple[str, ...]) -> None:
    assert references_in(text) == words


@pytest.mark.parametrize(
    "text",
    [
        "how many servers are there",
        "there is a problem with billing",
        "hi there",
        "what time is it",
        "is it raining",
        "what is this thing and what is it good for",
        "verify that db-01 is up",
        "check that app-01 answers",
        "I'm new here, how does this work",
        "restart billing on app-01",
    ],
)
def test_words_that_point_at_nothing_of_ours_are_not(text: str) -> None:
    assert references_in(text) == ()


def test_a_pointer_has_its_place() -> None:
    text = "restart billing on that host, then check it"
    pointers = pointers_in(Said(text))
    assert [one.words for one in pointers] == ["that host", "it"]
    assert all(text[one.start : one.end] == one.words for one in pointers)


@pytest.mark.parametrize(
    ("text", "previous", "types"),
    [
        ("restart it", (a_host("app-01"), a_word("service", "billing")), ["{service}"]),
        ("tell me about it", (a_host("app-01"),), ["{host}"]),
        ("is it up", (a_word("ip", "10.0.0.1"),), ["{host}"]),
        ("what's its ip", (a_host("app-01"), a_word("service", "billing")), ["{host}'s"]),
        ("how full is the disk there", (a_host("app-01"),), ["on {host}"]),
        ("disk on this server", (), ["{host}"]),
        ("restart the same service", (), ["{service}"]),
        ("restart it", (), []),
        ("how full is the disk there", (), []),
    ],
)
def test_a_pointer_reads_as_the_type_of_what_was_spoken_of(
    text: str, previous: tuple[Entity, ...], types: list[str]
) -> None:
    assert [mask for _, _, mask in as_types(text, pointers_in(Said(text)), (), previous)] == types
