"""Every engine of the asset store port, real and double, keeps the port's promises."""

import pkgutil
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest

import opsconductor.adapters.asset_store
import opsconductor.testing.doubles.asset_store
from opsconductor.adapters.asset_store.sqlite import SqliteAssetStore
from opsconductor.adapters.audit.hmac_seal import HmacSeal
from opsconductor.adapters.storage.sqlite import SqliteStorage, open_database
from opsconductor.testing.contracts.asset_store import PROMISES, Opened, Promise
from opsconductor.testing.doubles.asset_store.in_memory import open_asset_store
from opsconductor.testing.doubles.clock.moving import MovingClockDouble


@asynccontextmanager
async def sqlite(home: Path) -> AsyncIterator[Opened]:
    async with open_database(home / "opsconductor.db", HmacSeal(b"k" * 32)) as database:

        async def imports(tenant: str) -> Sequence[tuple[str, str]]:
            entries = [row.entry for row in await SqliteStorage(database).audit(tenant)]
            assert {entry.action for entry in entries} <= {"assets.imported"}
            return [(entry.subject, entry.actor) for entry in entries]

        yield Opened(store=SqliteAssetStore(database, MovingClockDouble()), imports=imports)


@asynccontextmanager
async def in_memory(home: Path) -> AsyncIterator[Opened]:
    store = open_asset_store()

    async def imports(tenant: str) -> Sequence[tuple[str, str]]:
        return [(source, actor) for of, source, actor in store.imports if of == tenant]

    yield Opened(store=store, imports=imports)


ENGINES: Mapping[str, Callable[[Path], AbstractAsyncContextManager[Opened]]] = {
    "opsconductor.adapters.asset_store.sqlite": sqlite,
    "opsconductor.testing.doubles.asset_store.in_memory": in_memory,
}


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.__name__)
@pytest.mark.parametrize("engine", ENGINES)
async def test_engine(engine: str, promise: Promise, home: Path) -> None:
    async with ENGINES[engine](home) as opened:
        await promise(opened)


def test_every_engine_is_here() -> None:
    folders = (opsconductor.adapters.asset_store, opsconductor.testing.doubles.asset_store)
    found = {one.name for folder in folders for one in pkgutil.iter_modules(folder.__path__, folder.__name__ + ".")}
    assert found == set(ENGINES)
