import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsconductor.phases.p02_sense.normalise import MIXED_SCRIPTS, REMOVED_BIDI, REMOVED_INVISIBLE, normalise


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ("  restart\t billing \n on  app-01 ", "restart billing on app-01"),
        ("what\u2019s on \u201capp-01\u201d\u2026", 'what\'s on "app-01"...'),
        ("app\u201101 and app\u201002", "app-01 and app-02"),
        ("ａｐｐ－０１ is up", "app-01 is up"),
        ("a\u00a0b\u3000c", "a b c"),
        ("cafe\u0301", "caf\u00e9"),
        ("bell\x07 rings", "bell rings"),
        ("half \ud800 pair", "half \ufffd pair"),
    ],
)
def test_the_message_is_put_into_one_form(message: str, text: str) -> None:
    assert normalise(message).text == text


@pytest.mark.parametrize("lookalike", ["app-0²", "app-０1", "app-①", "ⓐpp-01"])
def test_a_mere_lookalike_does_not_become_the_name(lookalike: str) -> None:
    assert normalise(f"restart {lookalike}").text == f"restart {lookalike}"


@pytest.mark.parametrize(
    ("message", "text", "fact"),
    [
        ("app\u200b-01", "app-01", REMOVED_INVISIBLE),
        ("re\u00adstart \u2060now", "restart now", REMOVED_INVISIBLE),
        ("app-\u202e10", "app-10", REMOVED_BIDI),
        ("\u2066app-01\u2069", "app-01", REMOVED_BIDI),
        ("tag\U000e0041\U000e0042 it", "tag it", REMOVED_INVISIBLE),
    ],
)
def test_what_cannot_be_seen_goes_and_is_noted(message: str, text: str, fact: str) -> None:
    clean = normalise(message)
    assert (clean.text, clean.facts) == (text, (fact,))


def test_emoji_stay_whole_and_are_nothing_to_note() -> None:
    clean = normalise("🔥 restart billing 👩\u200d💻 ❤\ufe0f")
    assert clean.text == "🔥 restart billing 👩\u200d💻 ❤\ufe0f"
    assert clean.facts == ()


def test_a_word_of_two_scripts_is_noted() -> None:
    clean = normalise("restart \u0430pp-01")
    assert clean.text == "restart \u0430pp-01"
    assert clean.facts == (MIXED_SCRIPTS,)


@given(st.text())
def test_applied_twice_it_changes_nothing(message: str) -> None:
    once = normalise(message).text
    assert normalise(once).text == once
    assert "\n" not in once
    assert "\u202e" not in once
