"""What counts as a claim: numbers, names, states, promises."""

import pytest

from opsconductor.domain.claims import claims_left, promises, state_words, without


@pytest.mark.parametrize(
    ("text", "claims"),
    [
        ("You have 6 assets", ("6",)),
        ("app-01 runs as 4711", ("app-01", "4711")),
        ("10.0.0.7 and 1,024", ("10.0.0.7", "1,024")),
        ("nothing of that kind", ()),
        ("WS-01, WS-06", ("WS-01", "WS-06")),
    ],
)
def test_numbers_and_names_are_claims(text: str, claims: tuple[str, ...]) -> None:
    assert sorted(claims_left(text)) == sorted(claims)


def test_a_piece_is_taken_out_only_as_a_whole() -> None:
    assert claims_left(without("6 of 66 on app-01", ["6"])) == ("app-01", "66")
    assert claims_left(without("app-01 and app-011", ["app-01"])) == ("app-011",)


def test_state_words_are_whole_words() -> None:
    assert state_words("billing is Running, not downtown; it failed") == ("Running", "failed")


@pytest.mark.parametrize("text", ["I'll gather it", "it will be done", "you get it shortly", "I am going to look"])
def test_promises_are_seen(text: str) -> None:
    assert promises(text)


def test_telling_is_no_promise() -> None:
    assert promises("billing was restarted; William is on call") == ()
