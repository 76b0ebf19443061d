import sqlite3
from collections.abc import Callable

import pytest

from opsconductor.adapters.storage.sqlite import SqliteDatabase, turns
from opsconductor.ports.storage import IdempotencyRow
from opsconductor.testing.contracts.storage import samples


# But for "open": it reads its partial index, which holds open requests only.
@pytest.mark.parametrize("name", [name for name in turns._SQL if name not in ("open",)])
async def test_no_statement_reads_a_table_from_end_to_end(name: str, scans: Callable[[str], list[str]]) -> None:
    assert scans(turns._SQL[name]) == []


async def test_open_requests_are_found_without_reading_the_others(scans: Callable[[str], list[str]]) -> None:
    assert scans(turns._SQL["open"]) == ["SCAN turns USING INDEX turns_open"]


async def test_a_group_that_is_the_turn_itself_is_not_stored_twice(
    database: SqliteDatabase, connection: sqlite3.Connection
) -> None:
    await database.write(turns.accepting(samples.accepted(1)))
    await database.write(turns.accepting(samples.accepted(2, turn_group=samples.identifier("turn", 1))))
    assert connection.execute("SELECT turn_group IS NULL FROM turns ORDER BY number").fetchall() == [(1,), (0,)]
    assert await database.read(turns.open_turns) == (
        samples.accepted(1),
        samples.accepted(2, turn_group=samples.identifier("turn", 1)),
    )


async def test_keys_whose_time_is_over_are_deleted(database: SqliteDatabase, connection: sqlite3.Connection) -> None:
    for key in ("a", "b"):
        row = IdempotencyRow(tenant="t", key=key, body_hash="h", turn_id="turn", created_at=samples.AT)
        await database.write(turns.remembering_key(row))
        await database.write(lambda found: found.execute("UPDATE idempotency SET expires_at = 0"))
    await database.write(turns.remembering_key(row))
    assert connection.execute("SELECT key FROM idempotency").fetchall() == [("b",)]
