"""How people may say the values of an inventory: in the plural, by the last word, by the first, without `Inc.`"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from opsconductor.domain.assets import Vocabulary
from opsconductor.phases.p02_sense.word_lists import FUNCTION_WORDS, MACHINE_NOUNS, OPERATIONS_WORDS, words_in

_WORD = re.compile(r"[^\W_]+")
_LEGAL_FORMS = words_in(
    "ab ag bv co company corp corporation gmbh group holding inc kg limited llc llp ltd nv oy plc sa sarl"
)
_ALIASES = {"virtual_machine": ("vm",), "network_device": ("network gear",), "windows_workstation": ("windows pc",)}
_ANY_MACHINE = MACHINE_NOUNS - words_in("server servers")
_PLATFORM_WORDS = {"windows": ("windows", ""), "linux": ("linux", ""), "network": ("network", "network")}
_CLEAR_ENVIRONMENTS = ("production", "prod", "prd", "staging", "stg", "pre production", "preprod", "preproduction")
_UNCLEAR_ENVIRONMENTS = ("dev", "development", "test", "testing", "tst", "qa", "uat", "live", "stage", "sandbox")
_LONGEST = 8


@dataclass(frozen=True, kw_only=True)
class Word:
    """A word of the message, and how it is compared."""

    key: str
    start: int
    end: int


@dataclass(frozen=True, kw_only=True)
class Phrase:
    """Words that mean one or several values of a field."""

    words: tuple[str, ...]
    field: str
    values: tuple[str, ...]
    needs: str = ""  # what must stand around it: noun | place | environment | status | network
    exact_case: str = ""  # a name such as `IT` that is an ordinary word in any other case
    confidence: float = 1.0


def words_of(text: str) -> list[Word]:
    """The words of a text with their places; hyphens and underscores part words."""
    return [Word(key=match.group().casefold(), start=match.start(), end=match.end()) for match in _WORD.finditer(text)]


def phrases_of(vocabulary: Vocabulary) -> Iterator[Phrase]:
    """Every way to say the types, roles, platforms, systems, sites, owners and states of an inventory."""
    values = vocabulary.values
    for field in ("type", "role"):
        yield from _kinds(field, values.get(field, ()))
    for platform, (word, needs) in _PLATFORM_WORDS.items():
        yield Phrase(words=(word,), field="platform", values=(platform,), needs=needs)
    yield from _systems(values.get("os", ()))
    for field in ("site", "owner"):
        yield from _proper_names(field, values.get(field, ()))
    for status in values.get("status", ()):
        if words := _split(status):
            yield Phrase(words=words, field="status", values=(status,), needs="status")


def environments(vocabulary: Vocabulary) -> Iterator[Phrase]:
    """The usual names of environments, and those this inventory has beside them."""
    own = tuple(" ".join(_split(value)) for value in vocabulary.values.get("environment", ()))
    for name in _CLEAR_ENVIRONMENTS:
        yield Phrase(words=_split(name), field="environment", values=(name.replace(" ", "-"),))
    for name in dict.fromkeys((*_UNCLEAR_ENVIRONMENTS, *own)):
        if name and name not in _CLEAR_ENVIRONMENTS:
            yield Phrase(words=_split(name), field="environment", values=(name,), needs="environment")


def plural(word: str) -> str:
    """The regular plural of an English noun."""
    if word.endswith(("s", "x", "z", "ch", "sh")):
        return word + "es"
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return word[:-1] + "ies"
    return word + "s"


def _split(value: str) -> tuple[str, ...]:
    return tuple(match.group().casefold() for match in _WORD.finditer(value.replace("_", " ")))[:_LONGEST]


def _kinds(field: str, values: Iterable[str]) -> Iterator[Phrase]:
    """Types and roles: whole, in the plural, by an alias; and all that end in the same noun by its plural."""
    by_noun: dict[str, list[str]] = defaultdict(list)
    whole: set[str] = set()
    for value in values:
        words = _split(value)
        if not words:
            continue
        for said in (words, *(_split(alias) for alias in _ALIASES.get(value, ()))):
            clear = len(said) > 1 or said[0] == "vm"
            yield Phrase(words=said, field=field, values=(value,), needs="" if clear else "noun")
            yield Phrase(words=(*said[:-1], plural(said[-1])), field=field, values=(value,))
        if len(words) > 1 and words[-1] not in _ANY_MACHINE:
            by_noun[plural(words[-1])].append(value)
        elif len(words) == 1:
            whole.add(plural(words[0]))
    for noun, together in by_noun.items():
        if noun not in whole:
            yield Phrase(words=(noun,), field=field, values=tuple(together), confidence=0.8)


def _systems(values: Iterable[str]) -> Iterator[Phrase]:
    """Operating systems: whole, or by their first words (`ubuntu`, `cisco`), which may mean several."""
    begun: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for value in values:
        words = _split(value)
        for length in range(1, len(words) + 1):
            begun[words[:length]].append(value)
    for words, together in begun.items():
        alone = len(words) == 1 and (len(words[0]) < 4 or words[0] in FUNCTION_WORDS | OPERATIONS_WORDS)
        if words[0] in _PLATFORM_WORDS and len(words) == 1:
            continue  # that is the platform
        if not alone:
            yield Phrase(words=words, field="os", values=tuple(together))


def _proper_names(field: str, values: Iterable[str]) -> Iterator[Phrase]:
    """Sites and owners: whole, without their legal form, by two or more words of theirs, or by a part of a code."""
    runs: dict[tuple[str, ...], set[str]] = defaultdict(set)
    parts: dict[str, set[str]] = defaultdict(set)
    for value in values:
        words = _split(value)
        if not words:
            continue
        ordinary = all(word in FUNCTION_WORDS | OPERATIONS_WORDS for word in words)
        yield Phrase(words=words, field=field, values=(value,), exact_case=value if ordinary else "")
        short = words
        while len(short) > 1 and short[-1] in _LEGAL_FORMS:
            short = short[:-1]
        for start in range(len(short)):
            for end in range(start + 1, len(short) + 1):
                if short[start:end] != words and (end - start > 1 or end - start == len(short)):
                    runs[short[start:end]].add(value)
        if "-" in value and " " not in value:
            for word in words:
                if len(word) >= 4 and word.isalpha():
                    parts[word].add(value)
    for run, together in runs.items():
        if len(together) == 1 and not all(word in FUNCTION_WORDS for word in run):
            yield Phrase(words=run, field=field, values=tuple(together), confidence=0.9)
    for part, together in parts.items():
        if len(together) == 1:
            yield Phrase(words=(part,), field=field, values=tuple(together), needs="place", confidence=0.8)
