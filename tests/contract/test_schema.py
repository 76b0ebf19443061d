"""Every engine of the schema port keeps the port's promises."""

import importlib
import pkgutil
from collections.abc import Callable

import pytest

import opsconductor.adapters.schema
from opsconductor.ports.schema import Schemas
from opsconductor.testing.contracts.schema import PROMISES

FOLDER = opsconductor.adapters.schema
ENGINES = sorted(found.name for found in pkgutil.iter_modules(FOLDER.__path__, FOLDER.__name__ + "."))


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.__name__)
@pytest.mark.parametrize("engine", ENGINES)
def test_engine(engine: str, promise: Callable[[Schemas], None]) -> None:
    promise(importlib.import_module(engine).open_schemas())


def test_the_engine_is_here() -> None:
    assert [name.rpartition(".")[2] for name in ENGINES] == ["json_schema"]
