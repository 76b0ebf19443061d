"""Names of machines and services as the inventory knows them, and what only looks like the name of a machine."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from opsconductor.domain.assets import AssetMatch, Mention
from opsconductor.domain.entities import Entity
from opsconductor.phases.p02_sense.cues import Cued
from opsconductor.phases.p02_sense.found import Found, found
from opsconductor.phases.p02_sense.patterns import address_of, reads_as_ticket
from opsconductor.phases.p02_sense.tokens import Reading, Token, is_plain_word, looks_like_host, may_be_host, token
from opsconductor.phases.p02_sense.word_lists import FUNCTION_WORDS, MACHINE_NOUNS, TARGET_CUES, words_in

Lookup = Mapping[str, Sequence[Mention]]
"""What the inventory answered, by the case-folded text it was asked for."""

NEAR_WORD = 0.8
_STRICT_CUES = TARGET_CUES - words_in("for from into of to")
_PREVIOUS = re.compile(r"([\w@'-]+)[\s\"'`(]*$")
_HAS_DIGIT_OR_DOT = re.compile(r"[\d.]")
_NAMED = Cued(
    r"\b(?:host|hostname|server|machine|node|box|vm)\s+(?:named|called)\s+[\"']?([\w.-]*\w)",
    "named called",
)
_SERVICE_ON = re.compile(
    r"(?:\s+(?:service|daemon|process))?\s+(?:on|at|@)\s+(?:(?:the|host|server|machine|node|box)\s+)*([A-Za-z][\w.-]*\w)(?!\w)",
    re.I,
)


def lookup_of(mentions: Iterable[Mention]) -> Lookup:
    """The inventory's answer by text."""
    answer: dict[str, list[Mention]] = {}
    for one in mentions:
        answer.setdefault(one.text.casefold(), []).append(one)
    return answer


def exact_names(reading: Reading, lookup: Lookup) -> Iterator[Found]:
    """Mentions of what the inventory has under just these words."""
    text = reading.text
    for gram in reading.names if lookup else ():
        known = [one for one in lookup.get(gram.key, ()) if any(match.exact for match in one.matches)]
        if not known or (is_plain_word(gram.text) and not _expects_name(text, gram)):
            continue
        after_place = previous_word(text, gram.start) in _STRICT_CUES
        one = min(known, key=lambda one: (one.kind != "host") if after_place else (one.kind == "host"))
        matches = tuple(match for match in one.matches if match.exact)
        yield found(entity_of(gram, one.kind, _spelling(gram, one.kind, matches), "exact", matches))


def unknown_hosts(reading: Reading, lookup: Lookup) -> Iterator[Found]:
    """Mentions of machines that the inventory does not have under this name: near ones fuzzy, others none."""
    text = reading.text
    for word in reading.words:
        matches = near(word, "host", lookup)
        if not matches and not _HAS_DIGIT_OR_DOT.search(word.text):
            continue
        if is_exact(word, lookup) or address_of(word.text) or reads_as_ticket(text, word.text, word.start):
            continue
        if looks_like_host(word.text):
            yield found(_unknown(word, matches))
        elif may_be_host(word.text):
            if matches or previous_word(text, word.start) in _STRICT_CUES:
                yield found(_unknown(word, matches), guess=True)
        elif matches and matches[0].score >= NEAR_WORD and _may_be_misspelt(text, word):
            yield found(_unknown(word, matches), guess=True)
    for match in _NAMED.finditer(reading):
        word = token(match[1], match.start(1))
        if not is_exact(word, lookup):
            yield found(_unknown(word, near(word, "host", lookup)))


def hosts_of_services(text: str, services: Iterable[Entity], lookup: Lookup) -> Iterator[Found]:
    """In `billing on frontend` the last word names a machine, whatever it looks like."""
    for service in services:
        match = _SERVICE_ON.match(text, service.end)
        if match is None or match[1].casefold() in FUNCTION_WORDS | MACHINE_NOUNS:
            continue
        word = token(match[1], match.start(1))
        if not is_exact(word, lookup):
            yield found(_unknown(word, near(word, "host", lookup)), guess=True)


def with_matches(address: Entity, lookup: Lookup) -> Entity:
    """An address with the assets that have it; one that no asset has stays what it is, an address."""
    for one in lookup.get(address.value.casefold(), ()):
        matches = tuple(match for match in one.matches if match.exact)
        if one.kind == "ip" and matches:
            return replace(address, match="exact", matches=matches)
    return replace(address, match="none")


def is_exact(word: Token, lookup: Lookup) -> bool:
    """Whether the inventory has something under just this word."""
    return any(match.exact for one in lookup.get(word.key, ()) for match in one.matches)


def near(word: Token, kind: str, lookup: Lookup) -> tuple[AssetMatch, ...]:
    """Assets whose name, or the name of whose service, is nearly the word; the nearest first."""
    if word.key not in lookup:
        return ()
    matches = [match for one in lookup[word.key] if one.kind == kind for match in one.matches]
    return tuple(sorted((match for match in matches if not match.exact), key=lambda match: -match.score))


def entity_of(word: Token, kind: str, value: str, match: str, matches: tuple[AssetMatch, ...]) -> Entity:
    """The word as a mention of an asset or a service."""
    confidence = {"exact": 1.0, "none": 0.5}.get(match, matches[0].score if matches else 0.5)
    return Entity(
        type=kind,
        value=value,
        text=word.text,
        start=word.start,
        end=word.end,
        confidence=confidence,
        match=match,
        matches=matches,
    )


def previous_word(text: str, place: int) -> str:
    """The word before a place, case-folded; empty at the beginning and after punctuation."""
    match = _PREVIOUS.search(text, max(0, place - 60), place)
    return match[1].casefold() if match else ""


def _unknown(word: Token, matches: tuple[AssetMatch, ...]) -> Entity:
    return entity_of(word, "host", word.text, "fuzzy" if matches else "none", matches)


def _expects_name(text: str, gram: Token) -> bool:
    """Whether an ordinary word stands where a name does: `on backup`, `the storage service`."""
    after = text[gram.end : gram.end + 10].casefold()
    return previous_word(text, gram.start) in TARGET_CUES or after.lstrip().startswith(("service", "daemon", "process"))


def _may_be_misspelt(text: str, word: Token) -> bool:
    return len(word.text) >= 5 and not is_plain_word(word.text) and previous_word(text, word.start) in TARGET_CUES


def _spelling(gram: Token, kind: str, matches: tuple[AssetMatch, ...]) -> str:
    """The inventory's own spelling of a name."""
    if kind == "service":
        return next((name for match in matches for name in match.services if name.casefold() == gram.key), gram.text)
    return matches[0].name if kind == "host" else gram.text
