"""An open database over a fresh home, for the tests of the pieces that stand on it."""

import sqlite3
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from opsconductor.adapters.audit.hmac_seal import HmacSeal
from opsconductor.adapters.storage.sqlite import SqliteDatabase, open_database
from opsconductor.adapters.storage.sqlite.connection import connect

SEAL = HmacSeal(b"k" * 32)


@pytest.fixture
async def database(home: Path) -> AsyncIterator[SqliteDatabase]:
    async with open_database(home / "opsconductor.db", SEAL) as opened:
        yield opened


@pytest.fixture
async def connection(database: SqliteDatabase) -> AsyncIterator[sqlite3.Connection]:
    """A second connection to the same file, to look behind the engine's back."""
    found = connect(database.path, lambda: 0, busy_ms=0)
    yield found
    found.close()


@pytest.fixture
def scans(connection: sqlite3.Connection) -> Callable[[str], list[str]]:
    """What a statement reads from end to end, by SQLite's plan for it: nothing, when indexes lead to all it needs."""

    def of(sql: str) -> list[str]:
        values = (None,) * sql.count("?") if "?" in sql else defaultdict(lambda: None)
        steps = connection.execute("EXPLAIN QUERY PLAN " + sql, values).fetchall()
        return [step[3] for step in steps if step[3].startswith("SCAN") and "CONSTANT ROW" not in step[3]]

    return of
