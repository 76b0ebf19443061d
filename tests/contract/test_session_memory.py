"""Every engine of the session memory port keeps the port's promises."""

import pkgutil
from collections.abc import Callable

import pytest

import opsconductor.adapters.session_memory
from opsconductor.adapters.session_memory.in_process import InProcessSessionMemory
from opsconductor.ports.session_memory import SessionMemory
from opsconductor.testing.contracts.session_memory import PROMISES

ENGINES: dict[str, Callable[[], SessionMemory]] = {"in_process": InProcessSessionMemory}


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.__name__)
@pytest.mark.parametrize("engine", sorted(ENGINES))
def test_engine(engine: str, promise: Callable[[SessionMemory], None]) -> None:
    promise(ENGINES[engine]())


def test_every_engine_is_tried() -> None:
    assert {found.name for found in pkgutil.iter_modules(opsconductor.adapters.session_memory.__path__)} == set(ENGINES)
