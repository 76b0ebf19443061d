"""Every engine of the ids port, real and double, keeps the port's promises."""

import importlib
import pkgutil
from collections.abc import Callable

import pytest

import opsconductor.adapters.ids
import opsconductor.testing.doubles.ids
from opsconductor.adapters.clock.system import SystemClock
from opsconductor.ports.ids import Ids
from opsconductor.testing.contracts.ids import PROMISES

ENGINES = sorted(
    found.name
    for folder in (opsconductor.adapters.ids, opsconductor.testing.doubles.ids)
    for found in pkgutil.iter_modules(folder.__path__, folder.__name__ + ".")
)


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.__name__)
@pytest.mark.parametrize("engine", ENGINES)
def test_engine(engine: str, promise: Callable[[Ids], None]) -> None:
    promise(importlib.import_module(engine).open_ids(SystemClock()))


def test_the_real_engine_and_the_double_are_both_here() -> None:
    assert [name.rpartition(".")[2] for name in ENGINES] == ["uuid7", "counting"]
