"""Opens the two stores of a home: the record, on the engine that its URL names, and the inventory beside it."""

import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from opsconductor.adapters.asset_store.sqlite import SqliteAssetStore
from opsconductor.adapters.storage.sqlite import SqliteStorage, open_database
from opsconductor.adapters.storage.sqlite.database import system_now_ms
from opsconductor.domain.errors import Unavailable
from opsconductor.ports.asset_store import AssetStore
from opsconductor.ports.audit import AuditSeal
from opsconductor.ports.clock import Clock
from opsconductor.ports.storage import Storage
from opsconductor.settings import Settings

if TYPE_CHECKING:
    from opsconductor.adapters.storage.postgresql import StoreAddress

NowMs = Callable[[], int]


@dataclass(frozen=True, kw_only=True)
class Stores:
    """Both stores, open."""

    storage: Storage
    asset_store: AssetStore


@asynccontextmanager
async def open_stores(
    settings: Settings, seal: AuditSeal, clock: Clock, store_now_ms: NowMs | None = None
) -> AsyncIterator[Stores]:
    """The record and the inventory; the inventory is always the SQLite file of the home. Raises `store.*`.

    `store_now_ms` is the store's clock for tests that move it.
    """
    async with AsyncExitStack() as stack:
        now_ms = store_now_ms or system_now_ms
        database = await stack.enter_async_context(open_database(settings.database, seal, now_ms))
        storage: Storage = SqliteStorage(database)
        if settings.on_postgresql:
            from_system = None if store_now_ms is None else (lambda: now_ms() - system_now_ms())
            storage = await stack.enter_async_context(_on_postgresql(settings, seal, from_system))
        yield Stores(storage=storage, asset_store=SqliteAssetStore(database, clock))


def postgresql_address(settings: Settings) -> "StoreAddress":
    """Where the record is. Raises `store.driver_missing` with the command that installs the driver."""
    try:
        from opsconductor.adapters.storage.postgresql import StoreAddress
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] not in ("psycopg", "psycopg_pool"):
            raise
        raise _driver_missing() from error
    except ImportError as error:  # psycopg is there, and the library that it stands on is not
        raise _driver_missing() from error
    return StoreAddress(url=settings.database_url, admin_url=settings.database_admin_url)


@asynccontextmanager
async def _on_postgresql(settings: Settings, seal: AuditSeal, clock_offset_ms: NowMs | None) -> AsyncIterator[Storage]:
    address = postgresql_address(settings)
    from opsconductor.adapters.storage.postgresql import open_storage

    async with open_storage(address, seal, clock_offset_ms) as storage:
        yield storage


def _driver_missing() -> Unavailable:
    command = f"python3 -m pip --python {sys.executable} install 'psycopg[binary,pool]'"
    refusal = "A record on PostgreSQL needs the extra `postgres`, which is not installed."
    return Unavailable("store.driver_missing", refusal, next_step=f"Run: {command}")
