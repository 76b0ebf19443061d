"""An open database over a fresh home, for the tests of the pieces that stand on it."""

import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from opsconductor.adapters.audit.hmac_seal import HmacSeal
from opsconductor.adapters.storage.sqlite import SqliteDatabase, open_database

SEAL = HmacSeal(b"k" * 32)


@pytest.fixture
async def database(home: Path) -> AsyncIterator[SqliteDatabase]:
    async with open_database(home / "opsconductor.db", SEAL) as opened:
        yield opened


@pytest.fixture
async def connection(database: SqliteDatabase) -> AsyncIterator[sqlite3.Connection]:
    """A second connection to the same file, to look behind the engine's back."""
    found = sqlite3.connect(database.path)
    yield found
    found.close()
