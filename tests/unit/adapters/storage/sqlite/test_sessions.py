import sqlite3
from collections.abc import Callable

import pytest

from opsconductor.adapters.storage.sqlite import SqliteDatabase, sessions
from opsconductor.adapters.storage.sqlite.blobs import from_blob
from opsconductor.domain.turn import Session
from opsconductor.testing.contracts.storage import samples


@pytest.mark.parametrize("name", list(sessions._SQL))
async def test_no_statement_reads_a_table_from_end_to_end(name: str, scans: Callable[[str], list[str]]) -> None:
    assert scans(sessions._SQL[name]) == []


async def test_values_of_session_scope_never_reach_the_file(
    database: SqliteDatabase, connection: sqlite3.Connection
) -> None:
    secret = samples.session(variables={"pin": "1234-secret"})
    await database.write(sessions.taking("default", secret.session_id, "a", 30, ""))
    await database.write(sessions.saving(secret, 0, "a"))
    ((body,),) = connection.execute("SELECT body FROM sessions").fetchall()
    assert from_blob(Session, body).variables == {}


async def test_a_lock_that_was_given_back_leaves_nothing(
    database: SqliteDatabase, connection: sqlite3.Connection
) -> None:
    await database.write(sessions.taking("default", "s", "a", 30, ""))
    await database.write(sessions.releasing("default", "s", "a"))
    assert connection.execute("SELECT count(*) FROM session_locks").fetchall() == [(0,)]
