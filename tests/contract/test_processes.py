"""Every engine of the processes port keeps the port's promises."""

import importlib
import pkgutil
from collections.abc import Callable
from pathlib import Path

import pytest

import opsconductor.adapters.processes
from opsconductor.ports.processes import Processes
from opsconductor.testing.contracts.processes import PROMISES

_FOLDER = opsconductor.adapters.processes
ENGINES = sorted(found.name for found in pkgutil.iter_modules(_FOLDER.__path__, _FOLDER.__name__ + "."))


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.__name__)
@pytest.mark.parametrize("engine", ENGINES)
def test_engine(engine: str, promise: Callable[[Processes, str, Path], None], home: Path) -> None:
    with importlib.import_module(engine).open_processes(home / "run") as processes:
        promise(processes, engine, home / "run")


def test_the_engine_is_here() -> None:
    assert [name.rpartition(".")[2] for name in ENGINES] == ["file_locks"]
