"""Every engine of the expressions port keeps the port's promises."""

import importlib
import pkgutil
from collections.abc import Awaitable, Callable

import pytest

import opsconductor.adapters.expressions
from opsconductor.ports.expressions import Expressions
from opsconductor.testing.contracts.expressions import PROMISES

FOLDER = opsconductor.adapters.expressions
ENGINES = sorted(found.name for found in pkgutil.iter_modules(FOLDER.__path__, FOLDER.__name__ + "."))


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.__name__)
@pytest.mark.parametrize("engine", ENGINES)
async def test_engine(engine: str, promise: Callable[[Expressions], Awaitable[None]]) -> None:
    await promise(importlib.import_module(engine).open_expressions())


def test_the_engine_is_here() -> None:
    assert [name.rpartition(".")[2] for name in ENGINES] == ["cel"]
