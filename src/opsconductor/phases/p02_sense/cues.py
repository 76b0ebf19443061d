"""Patterns with the words they cannot match without: most messages hold none of them, and are then not searched."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from opsconductor.phases.p02_sense.word_lists import words_in

_RUN = re.compile(r"[^\W_]+")
_DIGIT = re.compile(r"\d")


class Said:
    """A text and the words in it: runs of letters and digits, as `folded` makes them."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.folded = folded(text)
        self.keys = frozenset(_RUN.findall(self.folded) if text.isascii() else map(folded, _RUN.findall(text)))

    def says(self, words: frozenset[str]) -> bool:
        """Whether one of `words`, folded, stands in the text as a whole word."""
        return not self.keys.isdisjoint(words)

    def has_digit(self) -> bool:
        """Whether any digit stands in it."""
        return _DIGIT.search(self.text) is not None


@dataclass(frozen=True, kw_only=True)
class Cues:
    """Whole words, and pieces of text for what may begin or end inside a word; folded."""

    words: frozenset[str] = frozenset()
    parts: tuple[str, ...] = ()

    def stand_in(self, said: Said) -> bool:
        """Whether one of them stands in the text."""
        if not said.keys.isdisjoint(self.words):
            return True
        for part in self.parts:  # noqa: SIM110 - `any` over a generator takes three times as long
            if part in said.folded:
                return True
        return False


class Cued:
    """A pattern that matches no text without one of its cues."""

    def __init__(
        self, pattern: str, words: str = "", *, parts: tuple[str, ...] = (), flags: re.RegexFlag = re.IGNORECASE
    ) -> None:
        self.pattern = re.compile(pattern, flags)
        self.cues = Cues(words=words_in(words), parts=parts)

    def search(self, said: Said) -> re.Match[str] | None:
        """The first match in the text."""
        return self.pattern.search(said.text) if self.cues.stand_in(said) else None

    def finditer(self, said: Said) -> Iterable[re.Match[str]]:
        """The matches in the text."""
        return self.pattern.finditer(said.text) if self.cues.stand_in(said) else ()


def all_cues(*patterns: Cued) -> Cues:
    """The cues of all of them: where none stands, none of the patterns matches."""
    return Cues(
        words=frozenset().union(*(one.cues.words for one in patterns)),
        parts=tuple(dict.fromkeys(part for one in patterns for part in one.cues.parts)),
    )


def first_run(text: str) -> str:
    """The first word of a text, folded; empty when it holds none."""
    run = _RUN.search(text)
    return folded(run.group()) if run else ""


def folded(text: str) -> str:
    """`text` without case, as patterns that ignore it compare: dotless and dotted i are i."""
    if text.isascii():
        return text.lower()
    return text.casefold().replace("\u0131", "i").replace("i\u0307", "i")
