"""The packaged MiniLM behind the embedder port: hash checked, loaded on first use, worked off the event loop.

One text at a time, because the model's dynamic int8 scales are taken over a whole batch: in a batch a text's vector
would depend on its neighbours, and a batch is no faster on one thread.
"""

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from opsconductor.adapters.embedder.minilm.session import OnnxSession
from opsconductor.adapters.embedder.minilm.wordpiece import read_vocabulary, token_ids
from opsconductor.domain.errors import InternalFault
from opsconductor.ports.embedder import Vectors

MODEL_FILE = "minilm-l6-v2-int8.onnx"
VOCABULARY_FILE = "vocab.txt"
SHA256 = {
    MODEL_FILE: "2c23bfffd8a40aa1187491ed48c822d9d1da34b941d61503c046b6f813f2bec9",
    VOCABULARY_FILE: "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3",
}
_PREPARATION = "wordpiece-uncased-128/1"  # raise the number when token_ids() changes its answer
_CACHED_TEXTS = 1024
_TEXTS_A_JOB = 16  # a long list is embedded in jobs of this size, so that a turn's one text slips in between


class MiniLmEmbedder:
    """all-MiniLM-L6-v2, 384 dimensions; keeps the vectors of the last texts it saw."""

    dimensions = 384
    digest = "sha256:" + hashlib.sha256("\n".join([*SHA256.values(), _PREPARATION]).encode()).hexdigest()

    def __init__(self, folder: Path | None = None, *, cached_texts: int = _CACHED_TEXTS) -> None:
        """`folder` holds model and vocabulary (the packaged ones by default); nothing is read yet."""
        self._folder = folder or Path(__file__).parent
        self._cached_texts = cached_texts
        self._cache: OrderedDict[str, NDArray[np.float32]] = OrderedDict()  # touched on the event loop only
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="embedder")
        self._loaded: tuple[OnnxSession, dict[str, int]] | None = None  # touched on that one thread only

    async def load(self) -> None:
        """Read, check and prepare the model now rather than with the first text.

        Raises InternalFault `embedder.corrupt_model`, Unavailable `embedder.unavailable`.
        """
        await asyncio.get_running_loop().run_in_executor(self._thread, self._model)

    async def embed(self, texts: Sequence[str]) -> Vectors:
        """See the port. Raises as `load` does, and InternalFault `embedder.failed`."""
        rows = {text: self._cache[text] for text in texts if text in self._cache}
        missing = [text for text in dict.fromkeys(texts) if text not in rows]
        loop = asyncio.get_running_loop()
        for start in range(0, len(missing), _TEXTS_A_JOB):
            job = missing[start : start + _TEXTS_A_JOB]
            rows.update(zip(job, await loop.run_in_executor(self._thread, self._vectors, job), strict=True))
        self._remember(rows)
        return np.stack([rows[text] for text in texts]) if texts else np.empty((0, self.dimensions), np.float32)

    async def aclose(self) -> None:
        """Let go of the thread and, with the object, of the model; a running job ends first."""
        await asyncio.to_thread(self._thread.shutdown)

    def _remember(self, rows: dict[str, NDArray[np.float32]]) -> None:
        for text, row in rows.items():
            self._cache[text] = row
            self._cache.move_to_end(text)
        while len(self._cache) > self._cached_texts:
            self._cache.popitem(last=False)

    def _vectors(self, texts: Sequence[str]) -> list[NDArray[np.float32]]:
        session, vocabulary = self._model()
        return [session.vector(token_ids(text, vocabulary)) for text in texts]

    def _model(self) -> tuple[OnnxSession, dict[str, int]]:
        if self._loaded is None:
            vocabulary = read_vocabulary(_read(self._folder / VOCABULARY_FILE).decode())
            self._loaded = OnnxSession(_read(self._folder / MODEL_FILE)), vocabulary
        return self._loaded


@asynccontextmanager
async def open_embedder() -> AsyncIterator[MiniLmEmbedder]:
    """The packaged embedder; it loads with the first text, and its thread ends with the block."""
    embedder = MiniLmEmbedder()
    try:
        yield embedder
    finally:
        await embedder.aclose()


def _read(path: Path) -> bytes:
    """The bytes that were checked are the bytes that are used."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise _corrupt(path, f"cannot be read ({error.strerror})") from error
    if hashlib.sha256(content).hexdigest() != SHA256[path.name]:
        raise _corrupt(path, "is not the file that was packaged")
    return content


def _corrupt(path: Path, how: str) -> InternalFault:
    return InternalFault("embedder.corrupt_model", f"The packaged file {path.name} {how}.", file=path.name)
