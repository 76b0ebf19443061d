import pytest

from opsconductor.phases.p02_sense.references import references_in


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
