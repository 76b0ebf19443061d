from importlib import import_module

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from opsconductor.phases.p02_sense.cues import Cued, Cues, Said, all_cues, first_run, folded

MODULES = ("conditions", "mood", "names", "services", "unmatched")


def cued_of(module: str) -> list[Cued]:
    """Every pattern with cues that a module keeps, alone or in a tuple."""
    kept = vars(import_module(f"opsconductor.phases.p02_sense.{module}")).values()
    return [one for value in kept for one in (value if isinstance(value, tuple) else (value,)) if isinstance(one, Cued)]


PATTERNS = [one for module in MODULES for one in cued_of(module)]


def test_the_patterns_are_found() -> None:
    assert len(PATTERNS) == 28


@pytest.mark.parametrize("cued", PATTERNS, ids=lambda one: one.pattern.pattern[:40])
@settings(max_examples=60, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow], deadline=None)
@given(data=st.data())
def test_whatever_a_pattern_matches_holds_a_cue(cued: Cued, data: st.DataObject) -> None:
    text = data.draw(st.from_regex(cued.pattern))
    assert cued.cues.stand_in(Said(text)) or not cued.pattern.search(text)


def test_a_text_without_a_cue_is_not_searched() -> None:
    cued = Cued(r"\bred\b|!!", "red", parts=("!!",))
    assert [match.group() for match in cued.finditer(Said("a RED one"))] == ["RED"]
    assert cued.search(Said("now!!")) is not None
    assert cued.search(Said("a redder one")) is None
    assert list(cued.finditer(Said("blue"))) == []


def test_the_cues_of_several_patterns_are_those_of_each() -> None:
    cues = all_cues(Cued("red", "red"), Cued("!!", parts=("!!",)), Cued("!!a", "a", parts=("!!",)))
    assert cues == Cues(words=frozenset({"red", "a"}), parts=("!!",))
    assert [cues.stand_in(Said(text)) for text in ("a", "Red", "b!!", "b")] == [True, True, True, False]


def test_words_are_runs_of_letters_and_digits_without_case() -> None:
    said = Said("The Web-01, straße_3: Işık ΐ")
    assert said.keys == {"the", "web", "01", "strasse", "3", folded("Işık"), folded("ΐ")}
    assert said.says(frozenset({"web"}))
    assert not said.says(frozenset({"web-01"}))
    assert (Said("a1").has_digit(), Said("a").has_digit()) == (True, False)


def test_all_spellings_of_i_are_one() -> None:
    assert folded("WİTHOUT") == folded("wıthout") == folded("WITHOUT") == "without"


def test_the_first_word_of_a_text() -> None:
    assert (first_run("@The Shop"), first_run("++")) == ("the", "")
