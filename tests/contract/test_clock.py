"""Every engine of the clock port, real and double, keeps the port's promises."""

import importlib
import pkgutil
from collections.abc import Awaitable, Callable

import pytest

import opsconductor.adapters.clock
import opsconductor.testing.doubles.clock
from opsconductor.ports.clock import Clock
from opsconductor.testing.contracts.clock import PROMISES

ENGINES = sorted(
    found.name
    for folder in (opsconductor.adapters.clock, opsconductor.testing.doubles.clock)
    for found in pkgutil.iter_modules(folder.__path__, folder.__name__ + ".")
)


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.__name__)
@pytest.mark.parametrize("engine", ENGINES)
async def test_engine(engine: str, promise: Callable[[Clock], Awaitable[None]]) -> None:
    await promise(importlib.import_module(engine).open_clock())


def test_the_real_engine_and_the_double_are_both_here() -> None:
    assert [name.rpartition(".")[2] for name in ENGINES] == ["system", "moving", "on_file"]
