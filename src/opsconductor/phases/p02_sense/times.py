"""Dates and durations in a message: ISO dates and seconds; the date library is used only where it is needed."""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice

from opsconductor.domain.entities import Entity
from opsconductor.phases.p02_sense.cues import Said, folded
from opsconductor.phases.p02_sense.found import mention
from opsconductor.phases.p02_sense.word_lists import words_in

MOST_DATES = 20
"""Dates read in one message."""

_UNIT_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_WORDS = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "fifteen": 15, "twenty": 20, "thirty": 30, "forty": 40, "forty-five": 45,
    "sixty": 60, "ninety": 90, "half a": 0.5, "half an": 0.5, "a couple of": 2,
}  # fmt: skip
_COUNT = "|".join(sorted(_WORDS, key=len, reverse=True))
_LONG_UNIT = r"(?:milliseconds?|ms|seconds?|secs?|minutes?|mins?|hours?|hrs?|days?|weeks?)"
_ONE = (
    rf"(?:(?P<digits>\d{{1,9}}(?:\.\d{{1,6}})?)\s?(?P<unit>{_LONG_UNIT}|[smhdw])"
    rf"|(?P<word>{_COUNT})\s+(?P<unit2>{_LONG_UNIT}))"
)
_PART = re.compile(_ONE + r"(?![\w-])", re.I)
_JOIN = re.compile(r"(?:\s*,)?\s*(?:and\s+)?")
_DURATION = re.compile(r"(?<![\w./-])" + _ONE + r"(?![\w-])", re.I)
_UNITS = words_in(
    "millisecond milliseconds ms second seconds sec secs minute minutes min mins hour hours hr hrs day days week weeks"
)
# `a second person`, `wait a minute`: not lengths of time.
_NO_DURATION = re.compile(r"(?:a|one)\s+(?:second|sec)|(?<=wait )a\s+minute|a\s+(?:day|week)(?=\s+ago)", re.I)

_MONTHS = (
    "january|february|march|april|may|june|july|august|september|october|november|december|"
    "jan|feb|mar|apr|jun|jul|aug|sept|sep|oct|nov|dec"
)
_WEEKDAYS = "monday|tuesday|wednesday|thursday|friday|saturday|sunday"
_CLOCK = r"(?:,?\s+(?:at\s+)?(?:\d{1,2}:\d{2}(?:\s?[ap]m)?|\d{1,2}\s?[ap]m)(?!\w))?"
_DATE = re.compile(
    rf"""(?<![\w/-])(?:
        (?P<iso>\d{{4}}-\d{{2}}-\d{{2}}(?:[T\s]\d{{2}}:\d{{2}}(?::\d{{2}})?(?:Z|[+-]\d{{2}}:?\d{{2}})?)?)
      | (?P<near>today|yesterday|tomorrow|tonight){_CLOCK}
      | (?P<ago>(?:\d{{1,4}}|{_COUNT})\s+(?:minutes?|mins?|hours?|days?|weeks?|months?|years?)\s+ago)
      | (?:(?:last|next|this)\s+(?:week|month|year|{_WEEKDAYS})|(?:{_WEEKDAYS})){_CLOCK}
      | (?:\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?(?:{_MONTHS})
          |(?:{_MONTHS})\s+\d{{1,2}}(?:st|nd|rd|th)?(?![:\w]))(?:,?\s+\d{{4}})?{_CLOCK}
    )(?![\w-])""",
    re.I | re.X,
)
_DATE_WORDS = words_in(f"today yesterday tomorrow tonight ago last next this {_MONTHS} {_WEEKDAYS}".replace("|", " "))
_AHEAD = re.compile(r"\b(?:next|schedule[ds]?|by|until|till|will|plan(?:ned)?|remind|before|due)\b", re.I)
_NEAR_DAYS = {"today": 0, "tonight": 0, "yesterday": -1, "tomorrow": 1}


def durations(said: Said) -> Iterator[Entity]:
    """Lengths of time, `value` in seconds; `2 hours 30 minutes` is one."""
    if not said.says(_UNITS) and not said.has_digit():
        return
    text, place = said.text, 0
    while match := _DURATION.search(text, place):
        start, end, seconds = match.start(), match.end(), _seconds(match)
        unit = _unit(match)
        while (more := _PART.match(text, _joined(text, end))) and _unit(more) < unit:
            end, seconds, unit = more.end(), seconds + _seconds(more), _unit(more)
        place = end
        if not _NO_DURATION.match(text, start):
            value = f"{seconds:.6f}".rstrip("0").rstrip(".")
            yield mention("duration", value, text, start, end)


def date_words(said: Said) -> list[re.Match[str]]:
    """Where the message says a date, for `dates`."""
    if not said.says(_DATE_WORDS) and not ("-" in said.text and said.has_digit()):
        return []
    return list(islice(_DATE.finditer(said.text), MOST_DATES))


def needs_library(said: Iterable[re.Match[str]]) -> bool:
    """Whether one of them is more than `today` or an ISO date, so that reading it takes time."""
    return any(not match["iso"] and not _is_near_day(match) for match in said)


def dates(text: str, said: Iterable[re.Match[str]], now: datetime) -> Iterator[Entity]:
    """Dates in English, `value` in ISO 8601: a day, or a moment in UTC where a time of day is said."""
    ahead = bool(_AHEAD.search(text))
    for match in said:
        value = _iso(match, now, ahead)
        if value:
            yield mention("date", value, text, match.start(), match.end())


def _is_near_day(match: re.Match[str]) -> bool:
    return bool(match["near"]) and match.end() == match.end("near")


def _joined(text: str, place: int) -> int:
    match = _JOIN.match(text, place)
    return match.end() if match else place


def _seconds(match: re.Match[str]) -> float:
    count = float(match["digits"]) if match["digits"] else float(_WORDS[folded(match["word"])])
    return count * _unit(match)


def _unit(match: re.Match[str]) -> float:
    """The length of the unit in seconds."""
    unit = folded(match["unit"] or match["unit2"])
    return 0.001 if unit.startswith(("milli", "ms")) else _UNIT_SECONDS[unit[0]]


def _iso(match: re.Match[str], now: datetime, ahead: bool) -> str:
    said = match.group()
    if _is_near_day(match):
        return (now + timedelta(days=_NEAR_DAYS[folded(match["near"])])).date().isoformat()
    if match["iso"]:
        try:
            moment = datetime.fromisoformat(said)
        except ValueError:
            return ""
        return moment.date().isoformat() if len(said) == 10 else _moment(moment, now)
    parsed = _parse(said, now, ahead)
    if parsed is None:
        return ""
    timed = re.search(r":|\d\s?[ap]m\b|(?:minute|min|hour)s?\s+ago", said, re.I)
    return _moment(parsed, now) if timed else parsed.date().isoformat()


def _moment(moment: datetime, now: datetime) -> str:
    aware = moment if moment.tzinfo else moment.replace(tzinfo=now.tzinfo)
    return aware.astimezone(now.tzinfo).strftime("%Y-%m-%dT%H:%M:%SZ")


def _parse(said: str, now: datetime, ahead: bool) -> datetime | None:
    """What the date library makes of it. It is slow to import, and most messages name no date."""
    import dateparser

    settings = {"RELATIVE_BASE": now.replace(tzinfo=None), "PREFER_DATES_FROM": "future" if ahead else "past"}
    try:
        return dateparser.parse(re.sub(r"\btonight\b", "today", said, flags=re.I), languages=["en"], settings=settings)
    except (ValueError, OverflowError):
        return None
