"""Every engine of the lanes port, real and double, keeps the port's promises."""

import importlib
import pkgutil
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

import opsconductor.adapters.lanes
import opsconductor.testing.doubles.lanes
from opsconductor.ports.embedder import Embedder
from opsconductor.ports.lanes import Lanes
from opsconductor.testing.contracts.lanes import PROMISES, GivenMemories
from opsconductor.testing.doubles.embedder.hashed_words import HashedWordsEmbedderDouble

WRAPPERS = {"delayed"}  # round another engine's lanes
ENGINES = sorted(
    found.name
    for folder in (opsconductor.adapters.lanes, opsconductor.testing.doubles.lanes)
    for found in pkgutil.iter_modules(folder.__path__, folder.__name__ + ".")
    if found.name.rpartition(".")[2] not in WRAPPERS
)


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.__name__)
@pytest.mark.parametrize("engine", ENGINES)
async def test_engine(engine: str, promise: Callable[[Lanes, Embedder], Awaitable[None]], tmp_path: Path) -> None:
    embedder = HashedWordsEmbedderDouble()
    async with importlib.import_module(engine).open_lanes(embedder, GivenMemories(), tmp_path) as lanes:
        await promise(lanes, embedder)


def test_the_hybrid_engine_and_the_double_are_both_here() -> None:
    assert [name.rpartition(".")[2] for name in ENGINES] == ["hybrid", "word_overlap"]
