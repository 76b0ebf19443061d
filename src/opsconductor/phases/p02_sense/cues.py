"""Patterns with the words they cannot match without: most messages hold none of them, and are then not searched."""

import re
from collections.abc import Iterator

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


class Cued:
    """A pattern that matches no text without one of its cues."""

    def __init__(
        self, pattern: str, words: str = "", *, parts: tuple[str, ...] = (), flags: re.RegexFlag = re.IGNORECASE
    ) -> None:
        """`words` are whole words, folded; `parts` are pieces of text, for what may begin or end inside a word."""
        self.pattern = re.compile(pattern, flags)
        self._words = words_in(words)
        self._parts = parts

    def may_match(self, said: Said) -> bool:
        """False only where the pattern does not match."""
        if said.says(self._words):
            return True
        for part in self._parts:  # noqa: SIM110 - `any` over a generator takes three times as long
            if part in said.folded:
                return True
        return False

    def search(self, said: Said) -> re.Match[str] | None:
        """The first match in the text."""
        return self.pattern.search(said.text) if self.may_match(said) else None

    def finditer(self, said: Said) -> Iterator[re.Match[str]]:
        """The matches in the text."""
        return self.pattern.finditer(said.text) if self.may_match(said) else iter(())


def first_run(text: str) -> str:
    """The first word of a text, folded; empty when it holds none."""
    run = _RUN.search(text)
    return folded(run.group()) if run else ""


def folded(text: str) -> str:
    """`text` without case, as patterns that ignore it compare: dotless and dotted i are i."""
    if text.isascii():
        return text.lower()
    return text.casefold().replace("\u0131", "i").replace("i\u0307", "i")
