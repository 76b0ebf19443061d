"""BM25 over short texts in numpy: what two texts share in words, however rare."""

import re
from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_WORD = re.compile(r"\{\w+\}|\w+")
_HEAD = 2_000  # characters of a query that count
_SATURATION = 1.2  # k1: how soon more of the same word stops to matter
_LENGTH_SHARE = 0.75  # b: how much a long text is held against it


class Bm25:
    """An index over fixed texts; a new one is built when they change."""

    def __init__(self, texts: Sequence[str]) -> None:
        """Counts the words of `texts` once."""
        counts = [Counter(words(text)) for text in texts]
        lengths = np.array([max(sum(count.values()), 1) for count in counts], dtype=np.float32)
        mean = float(lengths.mean()) if len(lengths) else 1.0
        self._norms = _SATURATION * (1 - _LENGTH_SHARE + _LENGTH_SHARE * lengths / mean)
        self._size = len(texts)
        places: dict[str, tuple[list[int], list[int]]] = {}
        for place, count in enumerate(counts):
            for word, times in count.items():
                where, often = places.setdefault(word, ([], []))
                where.append(place)
                often.append(times)
        self._postings = {word: self._weights(where, often) for word, (where, often) in places.items()}

    def scores(self, text: str) -> NDArray[np.float32]:
        """One score a text, shape [texts]; 0 where no word is shared."""
        total = np.zeros(self._size, dtype=np.float32)
        for word in set(words(text[:_HEAD])):
            if word in self._postings:
                where, weights = self._postings[word]
                total[where] += weights
        return total

    def _weights(self, where: list[int], often: list[int]) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        rarity = np.log(1 + (self._size - len(where) + 0.5) / (len(where) + 0.5))
        places = np.array(where, dtype=np.int32)
        times = np.array(often, dtype=np.float32)
        return places, (rarity * times * (_SATURATION + 1) / (times + self._norms[places])).astype(np.float32)


def words(text: str) -> list[str]:
    """Lower-case words and {masks}; a plural counts as its singular."""
    found: list[str] = _WORD.findall(text.lower())
    return [word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word for word in found]
