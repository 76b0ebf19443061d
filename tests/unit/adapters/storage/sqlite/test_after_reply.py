import sqlite3
from collections.abc import Callable

import pytest

from opsconductor.adapters.storage.sqlite import SqliteDatabase, after_reply
from opsconductor.testing.contracts.storage import samples


# But for "due": what is not delivered yet is little.
@pytest.mark.parametrize("name", [name for name in after_reply._SQL if name not in ("due",)])
async def test_no_statement_reads_a_table_from_end_to_end(name: str, scans: Callable[[str], list[str]]) -> None:
    assert scans(after_reply._SQL[name]) == []


async def test_a_message_that_is_done_leaves_nothing(database: SqliteDatabase, connection: sqlite3.Connection) -> None:
    await database.write(after_reply.adding_message(samples.message()))
    await database.write(after_reply.finishing_message(samples.message().message_id))
    assert connection.execute("SELECT count(*) FROM outbox").fetchall() == [(0,)]


async def test_the_reason_of_a_failure_is_kept(database: SqliteDatabase, connection: sqlite3.Connection) -> None:
    await database.write(after_reply.adding_message(samples.message()))
    await database.write(after_reply.retrying_message(samples.message().message_id, 1.5, "no room"))
    assert connection.execute("SELECT attempts, error FROM outbox").fetchall() == [(1, "no room")]
