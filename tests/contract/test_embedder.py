"""Every engine of the embedder port, real and double, keeps the port's promises."""

import importlib
import pkgutil
from collections.abc import Awaitable, Callable

import pytest

import opsconductor.adapters.embedder
import opsconductor.testing.doubles.embedder
from opsconductor.ports.embedder import Embedder
from opsconductor.testing.contracts.embedder import PROMISES

ENGINES = sorted(
    found.name
    for folder in (opsconductor.adapters.embedder, opsconductor.testing.doubles.embedder)
    for found in pkgutil.iter_modules(folder.__path__, folder.__name__ + ".")
)


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.__name__)
@pytest.mark.parametrize("engine", ENGINES)
async def test_engine(engine: str, promise: Callable[[Embedder], Awaitable[None]]) -> None:
    async with importlib.import_module(engine).open_embedder() as embedder:
        await promise(embedder)


def test_the_packaged_engine_and_the_double_are_both_here() -> None:
    assert [name.rpartition(".")[2] for name in ENGINES] == ["minilm", "hashed_words"]
