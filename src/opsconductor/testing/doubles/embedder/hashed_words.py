"""A double of the embedder: texts are close when they share words. Fast, and understands nothing."""

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import numpy as np
from numpy.typing import NDArray

from opsconductor.ports.embedder import Vectors


class HashedWordsEmbedderDouble:
    """Adds up one fixed random direction a word; `embedded` tells which texts were asked for, in order."""

    dimensions = 64
    digest = "sha256:" + hashlib.sha256(b"double: hashed words/1").hexdigest()

    def __init__(self) -> None:
        """Nothing asked for yet."""
        self.embedded: list[str] = []

    async def embed(self, texts: Sequence[str]) -> Vectors:
        """See the port."""
        self.embedded += texts
        rows = np.empty((len(texts), self.dimensions), dtype=np.float32)
        for row, text in enumerate(texts):
            rows[row] = self._vector(text)
            await asyncio.sleep(0)
        return rows

    def _vector(self, text: str) -> NDArray[np.float32]:
        words = re.findall(r"[\w{}]+", text.lower()) or [""]
        total = np.sum([self._direction(word) for word in words], axis=0)
        vector: NDArray[np.float32] = (total / np.linalg.norm(total)).astype(np.float32)
        return vector

    def _direction(self, word: str) -> NDArray[np.float64]:
        seed = hashlib.sha256(word.encode("utf-8", "surrogatepass")).digest()
        return np.random.default_rng(list(seed)).standard_normal(self.dimensions)


@asynccontextmanager
async def open_embedder() -> AsyncIterator[HashedWordsEmbedderDouble]:
    """A fresh double."""
    yield HashedWordsEmbedderDouble()
