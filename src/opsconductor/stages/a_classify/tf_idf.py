"""Words and letter groups of a text as a sparse vector: what the embedding blurs (names, negations, rare terms)."""

import re
import zlib
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

BUCKETS = 8192
"""Features are hashed into this many places, so no vocabulary is stored and an unseen word needs no case of its own."""

_WORD = re.compile(r"\{\w+\}|\w+")
_LETTERS = (3, 4, 5)
_WORDS_SEED = 1  # keeps the word "disk" and the letters "disk" apart
_HEAD = 2_000  # characters; the rest of a longer text says nothing new about its intent


def inverse_frequencies(texts: Sequence[str]) -> NDArray[np.float32]:
    """How much each bucket tells, [BUCKETS]: high where few of `texts` fall."""
    seen = np.zeros(BUCKETS)
    for text in texts:
        seen[list({bucket for family in _families(text) for bucket in family})] += 1
    return (np.log((1 + len(texts)) / (1 + seen)) + 1).astype(np.float32)


def sparse(text: str, inverse: NDArray[np.float32]) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Buckets and values of `text`; words and letter groups have length 1 each, whatever the text's length."""
    places: list[NDArray[np.int64]] = []
    values: list[NDArray[np.float32]] = []
    for family in _families(text):
        counts = Counter(family)
        places.append(np.fromiter(counts, dtype=np.int64, count=len(counts)))
        raw = inverse[places[-1]] * (1 + np.log(np.fromiter(counts.values(), dtype=np.float32, count=len(counts))))
        values.append(raw / max(float(np.sqrt(raw @ raw)), 1e-9))
    return np.concatenate(places), np.concatenate(values)


def dense(texts: Sequence[str], inverse: NDArray[np.float32]) -> NDArray[np.float32]:
    """The same as rows, [texts, BUCKETS]."""
    rows = np.zeros((len(texts), BUCKETS), dtype=np.float32)
    for row, text in zip(rows, texts, strict=True):
        places, values = sparse(text, inverse)
        np.add.at(row, places, values)
    return rows


def _families(text: str) -> tuple[list[int], list[int]]:
    words = _WORD.findall(text[:_HEAD].lower())
    encoded = [word.encode("utf-8", "replace") for word in words]
    pairs = [b"%b %b" % pair for pair in pairwise(encoded)]
    whole = [zlib.crc32(feature, _WORDS_SEED) % BUCKETS for feature in encoded + pairs]
    return whole, [zlib.crc32(group) % BUCKETS for word in encoded for group in _groups(b" %b " % word)]


def _groups(padded: bytes) -> list[bytes]:
    return [padded[start : start + size] for size in _LETTERS for start in range(max(1, len(padded) - size + 1))]
