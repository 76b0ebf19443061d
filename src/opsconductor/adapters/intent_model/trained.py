"""Heads trained from a catalogue's own examples, once per pack and embedder, and kept in a file between runs."""

import asyncio
import hashlib
from collections import Counter, OrderedDict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from opsconductor.adapters.kept_vectors import KeptVectors, write_atomically
from opsconductor.domain.catalogue import Catalogue
from opsconductor.ports.embedder import Embedder
from opsconductor.ports.intent_model import IntentModel, Prediction
from opsconductor.stages.a_classify.head import Example
from opsconductor.stages.a_classify.out_of_scope import OUT_OF_SCOPE
from opsconductor.stages.a_classify.understanding import Understanding

_MODELS_KEPT = 2  # in memory: the current catalogue's, and the one that running turns began with
_FILES_KEPT = 8


class NothingLearned:
    """The model of a catalogue without examples: nothing is in scope."""

    def predict(self, vector: Sequence[float], masked_text: str) -> Prediction:
        """See the port."""
        return Prediction(ranked=(), scope_score=0.0, in_scope=False)


class TrainedIntentModels:
    """From memory, from a file in `folder`, or trained now; a damaged file is trained anew."""

    def __init__(self, vectors: KeptVectors, folder: Path) -> None:
        """`folder` is made on the first save; nothing is read yet."""
        self._vectors = vectors
        self._folder = folder
        self._models: OrderedDict[str, IntentModel] = OrderedDict()
        self._lock = asyncio.Lock()

    async def model_for(self, catalogue: Catalogue) -> IntentModel:
        """See the port; raises `embedder.*` when it has to train and cannot."""
        async with self._lock:
            model = self._models.get(catalogue.digest)
            if model is None:
                model = await self._read_or_train(catalogue)
                self._models[catalogue.digest] = model
                while len(self._models) > _MODELS_KEPT:
                    self._models.popitem(last=False)
        return model

    async def _read_or_train(self, catalogue: Catalogue) -> IntentModel:
        examples = examples_of(catalogue)
        if not examples:
            return NothingLearned()
        digest = f"{catalogue.digest}+{self._vectors.embedder_digest}"
        file = self._folder / f"understanding-{hashlib.sha256(digest.encode()).hexdigest()[:16]}.bin"
        understanding = await asyncio.to_thread(_read, file, digest)
        if understanding is None:
            vectors = await self._vectors.vectors([text for _, text in examples])
            understanding = await asyncio.to_thread(Understanding.learn, examples, vectors)
            await asyncio.to_thread(_write, file, understanding.to_bytes(digest))
        return understanding


def examples_of(catalogue: Catalogue) -> list[Example]:
    """Label and text of every example: of intents, of tools that one intent alone puts first, and out of scope.

    The same text twice under one label counts once.
    """
    first_choice = Counter(intent.tools[0] for intent in catalogue.intents if intent.tools)
    found: list[Example] = []
    for intent in catalogue.intents:
        own = intent.tools[0] if intent.tools and first_choice[intent.tools[0]] == 1 else ""
        tool = catalogue.tools.get(own)
        found += [(intent.label, text) for text in (*intent.examples, *(tool.examples if tool else ()))]
    found += [(OUT_OF_SCOPE, text) for text in catalogue.out_of_scope]
    return list(dict.fromkeys(found))


def _read(file: Path, digest: str) -> Understanding | None:
    try:
        return Understanding.from_bytes(file.read_bytes(), digest)
    except OSError:
        return None


def _write(file: Path, content: bytes) -> None:
    """Keep it for the next start, and let go of the oldest; a home that cannot be written only costs time."""
    with suppress(OSError):
        write_atomically(file, content)
        kept = sorted(file.parent.glob("understanding-*.bin"), key=lambda one: one.stat().st_mtime, reverse=True)
        for old in kept[_FILES_KEPT:]:
            old.unlink(missing_ok=True)


@asynccontextmanager
async def open_intent_models(embedder: Embedder, folder: Path) -> AsyncIterator[TrainedIntentModels]:
    """Fresh models that keep vectors and heads in `folder`."""
    yield TrainedIntentModels(KeptVectors(embedder, folder), folder)
