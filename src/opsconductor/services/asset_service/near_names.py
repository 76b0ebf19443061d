"""Names that are spelled nearly like a text. They only ever lead to a question, so no digit is guessed away."""

import re
from collections import defaultdict
from collections.abc import Iterable

from rapidfuzz import process
from rapidfuzz.distance import OSA

MOST = 5
OTHER_DIGITS = 0.2  # what a name loses whose digits are not those of the text
LEAST = 0.3  # below that a name is no help to somebody who mistyped
SHORT_FORM = 0.9  # score of `app-01` for `app-01.example.com`
_MIXED = re.compile(r"[0-9]|\w[-_.:]\w")


def looks_like_name(text: str) -> bool:
    """Whether a text can be the name of a machine and not just a word: letters, with digits or joined by `-_.:`."""
    letters = sum(character.isalpha() for character in text)
    return 3 <= len(text) <= 253 and letters >= 2 and not any(map(str.isspace, text)) and bool(_MIXED.search(text))


class NearNames:
    """All names of one revision of an inventory, kept so that one text is compared with few of them."""

    def __init__(self, names: Iterable[str]) -> None:
        """`names` in their own spelling; case does not count when they are compared."""
        self._spellings: dict[str, str] = {}
        self._by_digits: defaultdict[str, list[str]] = defaultdict(list)
        self._by_letters: defaultdict[str, list[str]] = defaultdict(list)
        self._by_short_form: defaultdict[str, list[str]] = defaultdict(list)
        for name in names:
            key = name.casefold()
            if key in self._spellings:
                continue
            self._spellings[key] = name
            self._by_digits[_digits(key)].append(key)
            self._by_letters[_letters(key)].append(key)
            if "." in key:
                self._by_short_form[key.partition(".")[0]].append(key)

    def near(self, text: str) -> tuple[tuple[str, float], ...]:
        """At most five names with their likeness, 0 to 1, best first; names with the same digits come before others."""
        wanted = text.casefold()
        found: dict[str, float] = dict.fromkeys(self._by_short_form.get(wanted, ())[:MOST], SHORT_FORM)
        for name in _nearest(wanted, self._by_digits.get(_digits(wanted), ()), _edits(wanted)):
            found[name] = max(found.get(name, 0.0), OSA.normalized_similarity(wanted, name))
        for name in self._with_other_digits(wanted):
            found.setdefault(name, max(OSA.normalized_similarity(wanted, name) - OTHER_DIGITS, 0.0))
        likely = [item for item in found.items() if item[1] >= LEAST]
        best = sorted(likely, key=lambda item: (-item[1], item[0]))[:MOST]
        return tuple((self._spellings[name], round(score, 3)) for name, score in best)

    def _with_other_digits(self, wanted: str) -> list[str]:
        letters = _letters(wanted)
        if not any(map(str.isdigit, wanted)) or sum(map(str.isalpha, letters)) < 2:
            return []
        alike = _nearest(letters, list(self._by_letters), 1 if len(letters) > 3 else 0)
        candidates = [name for form in alike for name in self._by_letters[form]]
        return [name for name in _nearest(wanted, candidates, len(wanted)) if _digits(name) != _digits(wanted)]


def near_word(text: str, words: Iterable[str]) -> tuple[tuple[str, float], ...]:
    """Plain words (names of services) that a text misspells: long enough, the same first letter, no mere plural."""
    wanted = text.casefold()
    if len(wanted) < 5 or any(map(str.isspace, wanted)):
        return ()
    candidates = {
        word.casefold(): word
        for word in words
        if word[:1].casefold() == wanted[0] and wanted not in (f"{word.casefold()}s", f"{word.casefold()}es")
    }
    near = _nearest(wanted, list(candidates), 1 if len(wanted) < 10 else 2)
    return tuple((candidates[word], round(OSA.normalized_similarity(wanted, word), 3)) for word in near)


def _nearest(wanted: str, names: Iterable[str], edits: int) -> list[str]:
    # Its types know scorers of likeness only; one of distance is sorted the other way round, as wanted here.
    found = process.extract(wanted, names, scorer=OSA.distance, score_cutoff=edits, limit=MOST)  # type: ignore[arg-type]
    return [name for name, _, _ in found]


def _edits(text: str) -> int:
    return 1 if len(text) < 8 else 2


def _digits(text: str) -> str:
    """The numbers in a text, however many zeros lead them."""
    return "-".join(run.lstrip("0") for run in re.findall(r"\d+", text))


def _letters(text: str) -> str:
    return re.sub(r"\d+", "#", text)
