"""The organisation's own words, put into the words that inventory and catalogue know."""

import re
from collections.abc import Iterable

from opsconductor.domain.knowledge import GlossaryItem
from opsconductor.phases.p02_sense.cues import Said, first_run

MOST_TERMS = 50
"""Terms considered in one message."""


class GlossaryReader:
    """One version of a glossary, ready to be found in messages."""

    def __init__(self, items: tuple[GlossaryItem, ...]) -> None:
        self.items = items
        self._by_word = {
            " ".join(word.casefold().split()): item
            for item in items
            for word in (item.term, *item.aliases)
            if word.strip()
        }
        words = sorted(self._by_word, key=len, reverse=True)
        alternatives = "|".join(re.escape(word).replace("\\ ", r"\s+") for word in words)
        self._first = frozenset(map(first_run, words))
        self._pattern = re.compile(rf"(?<![\w-])(?:{alternatives})(?![\w-])", re.I) if words else None

    def read(self, said: Said, names: Iterable[tuple[int, int]] = ()) -> tuple[str, tuple[str, ...]]:
        """The text in canonical words, and the terms it used. Nothing within the spans `names` is touched."""
        text = said.text
        if self._pattern is None or not (said.says(self._first) or "" in self._first):
            return text, ()
        taken = tuple(names)
        used: dict[str, None] = {}

        def replaced(match: re.Match[str]) -> str:
            item = self._by_word.get(" ".join(match.group().casefold().split()))
            inside = any(match.start() < end and start < match.end() for start, end in taken)
            if item is None or inside or (item.term not in used and len(used) >= MOST_TERMS):
                return match.group()
            used[item.term] = None
            return item.replace_with or match.group()

        return " ".join(self._pattern.sub(replaced, text).split()), tuple(used)
