"""Every engine of the audit port keeps the port's promises."""

import importlib
import pkgutil
from collections.abc import Callable

import pytest

import opsconductor.adapters.audit
from opsconductor.testing.contracts.audit import PROMISES, OpenSeal

_FOLDER = opsconductor.adapters.audit
ENGINES = sorted(found.name for found in pkgutil.iter_modules(_FOLDER.__path__, _FOLDER.__name__ + "."))


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.__name__)
@pytest.mark.parametrize("engine", ENGINES)
def test_engine(engine: str, promise: Callable[[OpenSeal], None]) -> None:
    promise(importlib.import_module(engine).open_seal)


def test_the_engine_is_here() -> None:
    assert [name.rpartition(".")[2] for name in ENGINES] == ["hmac_seal"]
