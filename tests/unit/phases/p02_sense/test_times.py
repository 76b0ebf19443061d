from datetime import UTC, datetime

import pytest

from opsconductor.phases.p02_sense.cues import Said
from opsconductor.phases.p02_sense.times import date_words, dates, durations, needs_library

NOW = datetime(2026, 5, 5, 12, 0, tzinfo=UTC)  # a Tuesday


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("for 5 minutes", ["300"]),
        ("for two hours", ["7200"]),
        ("2 hours 30 minutes and 1h", ["9000", "3600"]),
        ("90s, 1.5 hours", ["90", "5400"]),
        ("after half an hour", ["1800"]),
        ("within 250 ms", ["0.25"]),
        ("an hour", ["3600"]),
        ("a second person on app-5m, m5, 5 machines", []),
        ("how many servers", []),
    ],
)
def test_a_duration_is_its_seconds(text: str, seconds: list[str]) -> None:
    found = list(durations(Said(text)))
    assert [one.value for one in found] == seconds
    assert all(text[one.start : one.end] == one.text for one in found)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("what ran today", ["2026-05-05"]),
        ("what happened yesterday?", ["2026-05-04"]),
        ("patch tonight or tomorrow", ["2026-05-05", "2026-05-06"]),
        ("since monday", ["2026-05-04"]),
        ("schedule it for friday", ["2026-05-08"]),
        ("on 2026-03-02", ["2026-03-02"]),
        ("at 2026-03-02T10:00:00Z", ["2026-03-02T10:00:00Z"]),
        ("at 2026-03-02 10:00", ["2026-03-02T10:00:00Z"]),
        ("3 days ago", ["2026-05-02"]),
        ("5 minutes ago", ["2026-05-05T11:55:00Z"]),
        ("last week", ["2026-04-28"]),
        ("since March 3rd", ["2026-03-03"]),
        ("on 3rd of March 2025", ["2025-03-03"]),
        ("yesterday at 10:00", ["2026-05-04T10:00:00Z"]),
        ("2026-13-45", []),
        ("may I see app-01", []),
        ("march through the list", []),
        ("the last restart", []),
    ],
)
def test_a_date_is_iso(text: str, values: list[str]) -> None:
    found = list(dates(text, date_words(Said(text)), NOW))
    assert [one.value for one in found] == values
    assert all(text[one.start : one.end] == one.text for one in found)


def test_simple_days_need_no_library() -> None:
    assert not needs_library(date_words(Said("today, yesterday and 2026-01-01")))
    assert needs_library(date_words(Said("last friday")))


def test_a_message_of_nothing_but_dates_stays_cheap() -> None:
    assert len(date_words(Said("last friday " * 1000))) == 20


def test_words_in_other_spellings_of_their_letters_are_read_too() -> None:
    assert [one.value for one in dates("ton\u0131ght", date_words(Said("ton\u0131ght")), NOW)] == ["2026-05-05"]
    assert [one.value for one in durations(Said("f\u0131ve \u017feconds"))] == ["5"]
