"""An asset store over a fresh database, for the tests of its pieces."""

import sqlite3
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from opsconductor.adapters.asset_store.sqlite import SqliteAssetStore
from opsconductor.adapters.audit.hmac_seal import HmacSeal
from opsconductor.adapters.storage.sqlite import SqliteDatabase, open_database
from opsconductor.testing.doubles.clock.moving import MovingClockDouble


@dataclass(frozen=True, kw_only=True)
class Kept:
    """The store, the database below it, and a look behind both."""

    store: SqliteAssetStore
    database: SqliteDatabase
    connection: sqlite3.Connection


@pytest.fixture
async def kept(home: Path) -> AsyncIterator[Kept]:
    async with open_database(home / "opsconductor.db", HmacSeal(b"k" * 32)) as database:
        connection = sqlite3.connect(database.path)
        yield Kept(store=SqliteAssetStore(database, MovingClockDouble()), database=database, connection=connection)
        connection.close()
