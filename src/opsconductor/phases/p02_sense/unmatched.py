"""Properties that a message wants of assets and that the inventory does not know: mentions of match `none`."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence

from opsconductor.domain.entities import Entity
from opsconductor.phases.p02_sense.cues import Cued, folded
from opsconductor.phases.p02_sense.found import mention
from opsconductor.phases.p02_sense.tokens import Reading, Token
from opsconductor.phases.p02_sense.word_lists import (
    FIELD_NOUNS,
    FUNCTION_WORDS,
    MACHINE_NOUNS,
    NO_PLACES,
    NO_PROPERTIES,
    NO_SOFTWARE,
    OPERATIONS_WORDS,
    words_in,
)

UNHEARD = 0.5
"""Confidence in a value that the inventory does not have."""

_FIELD = "|".join(sorted(FIELD_NOUNS, key=len, reverse=True)).replace(" ", r"\s+")
_VALUE = r"[\"']?([^\W_][\w.&/+-]*(?:\s+[A-Z][\w.&-]*){0,3})"
_THE = r"(?:the\s+|our\s+)?"
_FIELD_WORDS = " ".join(FIELD_NOUNS)
_ABOUT_ASSETS = Cued(r"\b(?:how many|count|number|inventory|list)\b", "many count number inventory list")
_AFTER_FIELD = Cued(
    rf"(?i:\b(?:(in|at|from|of|with|on|whose)\s+)?{_THE}({_FIELD})\s+(?:(?:is|named|called|of)\s+|[:=]\s*)?){_VALUE}",
    _FIELD_WORDS,
    flags=re.NOFLAG,
)
_BEFORE_FIELD = Cued(
    rf"(?i:\b(?:in|at|from|of)\s+{_THE}){_VALUE}(?i:\s+({_FIELD}|branch)\b)",
    f"branch {_FIELD_WORDS}",
    flags=re.NOFLAG,
)
_PLACE = Cued(rf"(?i:\b(?:in|at|from|inside|within)\s+{_THE}){_VALUE}", "in at from inside within", flags=re.NOFLAG)
_OWNER = Cued(
    rf"(?i:\b(?:owned\s+by|belong(?:s|ing)?\s+to)\s+{_THE}){_VALUE}",
    "owned belong belongs belonging",
    flags=re.NOFLAG,
)
_OWNS = Cued(rf"(?i:\bdo(?:es)?\s+{_THE}){_VALUE}(?i:\s+(?:own|have|operate)\b)", "own have operate", flags=re.NOFLAG)
_RUNS = Cued(
    rf"(?i:(?<![\w-])([\w-]+)\s+(?:(?:still|also|currently|are|is)\s+)?(?:runs?|running|uses?|using)\s+{_THE}){_VALUE}",
    "run runs running use uses using",
    flags=re.NOFLAG,
)
_HAS = Cued(
    rf"(?i:(?<![\w-])([\w-]+)\s+(?:have|has|having|with)\s+{_THE}){_VALUE}",
    "have has having with",
    flags=re.NOFLAG,
)
_RUNNERS = MACHINE_NOUNS | words_in("that they we which who workstations")
_COUNTED = Cued(
    r"\b(?:how\s+many|number\s+of|count(?:\s+up)?|total(?:\s+number)?\s+of|list|enumerate|show(?:\s+me)?|which|tally(?:\s+up)?)\s+",
    "many number count total list enumerate show which tally",
)
_LONGEST_KIND = 12
_PERSONAL = frozenset({"my", "your", "you"})  # `list your tools`: no assets
_KINDS = frozenset({"type", "role"})
_ORDINARY = FUNCTION_WORDS | OPERATIONS_WORDS | MACHINE_NOUNS | NO_PROPERTIES | frozenset(FIELD_NOUNS)


def unmatched(reading: Reading, mentions: Sequence[Entity]) -> tuple[Entity, ...]:
    """What stands where a property of assets stands, and is none of `mentions`; they do not overlap."""
    about_assets = _ABOUT_ASSETS.search(reading) or any(entity.type in _KINDS for entity in mentions)
    if not about_assets and not any(one.key in MACHINE_NOUNS for one in reading.tokens):
        return ()
    kept: list[Entity] = []
    taken = places_of(mentions)
    for entity in _claims(reading, mentions):
        if taken.isdisjoint(range(entity.start, entity.end)):
            kept.append(entity)
            taken |= places_of((entity,))
    return tuple(sorted(kept, key=lambda entity: entity.start))


def places_of(mentions: Iterable[Entity]) -> set[int]:
    """The places of the text that mentions take."""
    return {place for entity in mentions for place in range(entity.start, entity.end)}


def _claims(reading: Reading, mentions: Sequence[Entity]) -> Iterator[Entity]:
    text = reading.text
    for match in _AFTER_FIELD.finditer(reading):
        said = match[3]
        named = match[1] or not said.islower() or text[match.start(3) - 1] in "\"'"
        if named and _may_be_a_value(said):
            yield _value(FIELD_NOUNS[" ".join(folded(match[2]).split())], text, match, 3)
    for match in _BEFORE_FIELD.finditer(reading):
        if _may_be_a_value(match[1]):
            yield _value(FIELD_NOUNS.get(" ".join(folded(match[2]).split()), "site"), text, match, 1)
    for pattern in (_OWNER, _OWNS):
        for match in pattern.finditer(reading):
            if _may_be_a_value(match[1]):
                yield _value("owner", text, match, 1)
    for pattern in (_RUNS, _HAS):
        for match in pattern.finditer(reading):
            said = match[2].casefold()
            if match[1].casefold() in _RUNNERS and _may_be_a_value(said) and said not in NO_SOFTWARE:
                yield _value("service", text, match, 2)
    for match in _PLACE.finditer(reading):
        if _may_be_a_value(match[1]) and match[1].casefold() not in NO_PLACES:
            yield _value("site", text, match, 1)
    yield from _kinds(reading, mentions)


def _may_be_a_value(said: str) -> bool:
    return said.split()[0].casefold() not in _ORDINARY and not said[0].isdigit()


def _value(field: str, text: str, match: re.Match[str], group: int) -> Entity:
    said = match[group].rstrip(".-/+&")
    start = match.start(group)
    return mention(field, said, text, start, start + len(said), confidence=UNHEARD, match="none")


def _kinds(reading: Reading, mentions: Sequence[Entity]) -> Iterator[Entity]:
    """`nginx servers`, `printers`: words that say what kind of asset is counted or listed."""
    text, tokens = reading.text, reading.tokens
    starts = [one.start for one in tokens]
    known = {place: one.type for one in mentions for place in range(one.start, one.end)}
    for cue in _COUNTED.finditer(reading):
        first = bisect_left(starts, cue.end())
        span = _kind(text, tokens[first : first + _LONGEST_KIND], known)
        if span is not None:
            start, end = span
            yield mention("type", text[start:end], text, start, end, confidence=UNHEARD, match="none")


def _kind(text: str, following: Sequence[Token], known: Mapping[int, str]) -> tuple[int, int] | None:
    """The unknown words up to and with the noun, or None when every word is known."""
    unknown: list[Token] = []
    for place, one in enumerate(following):
        before = following[place - 1].end if place else one.start
        if text[before : one.start].strip() not in {"", '"', "'"}:
            break
        if known.get(one.start) in _KINDS or (one.start not in known and one.key in MACHINE_NOUNS):
            break
        if one.start in known:
            continue
        if one.key in _PERSONAL:
            return None
        if one.key in FUNCTION_WORDS or one.text.isdigit():
            if unknown:
                return _noun(unknown)
            continue
        if one.key not in _ORDINARY:
            unknown.append(one)
    else:
        return _noun(unknown)
    return (unknown[0].start, unknown[-1].end) if unknown else None


def _noun(unknown: Sequence[Token]) -> tuple[int, int] | None:
    """Words without a noun that is known: a plural is a kind of asset, anything else may be a verb."""
    plural = unknown and unknown[-1].key.endswith("s")
    return (unknown[0].start, unknown[-1].end) if plural else None
