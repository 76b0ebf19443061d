"""One fixture for every engine of the storage port: `opened`, an empty store with a clock that moves."""

import importlib
import pkgutil
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from functools import partial
from pathlib import Path

import pytest

import opsconductor.adapters.storage
from opsconductor.adapters.audit.hmac_seal import HmacSeal
from opsconductor.ports.storage import Storage
from opsconductor.testing.contracts.storage.opened import Opened, StoreClock

_FOLDER = opsconductor.adapters.storage
ENGINES = sorted(found.name for found in pkgutil.iter_modules(_FOLDER.__path__, _FOLDER.__name__ + "."))


@pytest.fixture(params=ENGINES, ids=lambda name: name.rpartition(".")[2])
async def opened(request: pytest.FixtureRequest, home: Path) -> AsyncIterator[Opened]:
    """An engine over a fresh home, or over an empty database of a real server."""
    engine = importlib.import_module(request.param)
    clock, seal = StoreClock(), HmacSeal(b"k" * 32)
    again: Callable[[], AbstractAsyncContextManager[Storage]]
    if request.param.endswith(".postgresql"):
        address = engine.StoreAddress(url=request.getfixturevalue("postgresql_database").url)
        again = partial(engine.open_storage, address, seal, lambda: clock.offset_ms)
    else:
        again = partial(engine.open_storage, home / "opsconductor.db", seal, clock)
    async with again() as storage:
        yield Opened(storage=storage, seal=seal, again=again, clock=clock)
