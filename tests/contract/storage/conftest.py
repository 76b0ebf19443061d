"""One fixture for every engine of the storage port: `opened`, an empty store with a clock that moves."""

import importlib
import pkgutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

import opsconductor.adapters.storage
from opsconductor.adapters.audit.hmac_seal import HmacSeal
from opsconductor.testing.contracts.storage.opened import Opened, StoreClock

_FOLDER = opsconductor.adapters.storage
ENGINES = sorted(found.name for found in pkgutil.iter_modules(_FOLDER.__path__, _FOLDER.__name__ + "."))


@pytest.fixture(params=ENGINES, ids=lambda name: name.rpartition(".")[2])
async def opened(request: pytest.FixtureRequest, home: Path) -> AsyncIterator[Opened]:
    """An engine over a fresh home."""
    engine = importlib.import_module(request.param)
    clock, seal = StoreClock(), HmacSeal(b"k" * 32)

    def again() -> object:
        return engine.open_storage(home / "opsconductor.db", seal, clock)

    async with again() as storage:  # type: ignore[attr-defined]
        yield Opened(storage=storage, seal=seal, again=again, clock=clock)  # type: ignore[arg-type]
