"""Every engine of the intent model port, real and double, keeps the port's promises."""

import importlib
import pkgutil
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

import opsconductor.adapters.intent_model
import opsconductor.testing.doubles.intent_model
from opsconductor.ports.embedder import Embedder
from opsconductor.ports.intent_model import IntentModels
from opsconductor.testing.contracts.intent_model import PROMISES
from opsconductor.testing.doubles.embedder.hashed_words import HashedWordsEmbedderDouble

ENGINES = sorted(
    found.name
    for folder in (opsconductor.adapters.intent_model, opsconductor.testing.doubles.intent_model)
    for found in pkgutil.iter_modules(folder.__path__, folder.__name__ + ".")
)


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.__name__)
@pytest.mark.parametrize("engine", ENGINES)
async def test_engine(
    engine: str, promise: Callable[[IntentModels, Embedder], Awaitable[None]], tmp_path: Path
) -> None:
    embedder = HashedWordsEmbedderDouble()
    async with importlib.import_module(engine).open_intent_models(embedder, tmp_path) as models:
        await promise(models, embedder)


def test_the_trained_engine_and_the_double_are_both_here() -> None:
    assert [name.rpartition(".")[2] for name in ENGINES] == ["trained", "scripted"]
