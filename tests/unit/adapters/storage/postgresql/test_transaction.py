"""The database keeps tenants apart, whatever the statement says."""

import psycopg
import pytest

from opsconductor.adapters.storage.postgresql import PostgresStorage
from opsconductor.adapters.storage.postgresql.connection import Connection
from opsconductor.adapters.storage.postgresql.transaction import Transaction
from opsconductor.testing.contracts.storage import samples
from opsconductor.testing.servers.databases import TestDatabase

TABLES = (
    "SELECT attrelid::regclass::text FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid"
    " WHERE relnamespace = 'opsconductor'::regnamespace AND relkind = 'r' AND attname = 'tenant'"
)
REACHES = {
    "open_turns": {"turns": 2},
    "running_executions": {"executions": 2},
    "unknown_executions": {},
    "outbox_due": {"outbox": 2},
    "tenants": {"audit_heads": 2},
    "owner": {},
    "token": {},
    "user": {},
    "anything": {},
    "": {},
}


@pytest.fixture
def tables(postgresql_database: TestDatabase) -> list[str]:
    found = [str(name) for (name,) in postgresql_database.run(TABLES)]
    assert len(found) > 20
    return found


async def seen(transaction: Transaction, table: str) -> list[str]:
    return [str(tenant) for (tenant,) in await transaction.rows(f"SELECT tenant FROM {table}", {})]


async def test_another_tenants_rows_are_invisible_even_without_a_condition(
    filled: PostgresStorage, connection: Connection, tables: list[str], postgresql_database: TestDatabase
) -> None:
    transaction = Transaction(connection)
    for table in tables:
        there = postgresql_database.run(f"SELECT DISTINCT tenant FROM {table} ORDER BY tenant")
        assert there == [("a",), ("b",)], f"nothing in {table} to be kept apart"
        for tenant in ("a", "b"):
            await transaction.serve(tenant)
            assert set(await seen(transaction, table)) == {tenant}, table
        await transaction.serve("nobody")
        assert await seen(transaction, table) == [], table


async def test_who_serves_nobody_sees_nothing(
    filled: PostgresStorage, connection: Connection, tables: list[str]
) -> None:
    for begin in ("SELECT 1", "SELECT set_config('app.tenant', '', true)"):
        transaction = Transaction(connection)
        await transaction.rows(begin, {})
        for table in tables:
            assert await seen(transaction, table) == [], table
        await connection.rollback()


async def test_another_tenants_rows_cannot_be_changed_or_taken_over(
    filled: PostgresStorage, connection: Connection, tables: list[str], postgresql_database: TestDatabase
) -> None:
    for table in tables:
        transaction = Transaction(connection)
        await transaction.serve("a")
        try:
            changed = await transaction.change(f"UPDATE {table} SET tenant = tenant", {})
            mine = await seen(transaction, table)
        except psycopg.errors.InsufficientPrivilege:  # what is only appended is nobody's to change
            changed, mine = 0, []
        assert changed == len(mine), table
        await connection.rollback()
        await transaction_refuses(connection, f"UPDATE {table} SET tenant = 'b'")
        await transaction_refuses(connection, f"INSERT INTO {table} SELECT * FROM {table} WHERE tenant = 'a'")


async def transaction_refuses(connection: Connection, statement: str) -> None:
    transaction = Transaction(connection)
    await transaction.serve("a")
    with pytest.raises(psycopg.Error):
        await transaction.change(statement, {})
    await connection.rollback()


@pytest.mark.parametrize("purpose", REACHES)
async def test_a_read_of_all_tenants_sees_what_it_is_for_and_no_more(
    filled: PostgresStorage, connection: Connection, tables: list[str], purpose: str
) -> None:
    transaction = Transaction(connection)
    await transaction.reach(purpose)
    found = {table: len(await seen(transaction, table)) for table in tables}
    assert {table: number for table, number in found.items() if number} == REACHES[purpose]


@pytest.mark.parametrize(
    ("purpose", "wanted", "visible"),
    [
        ("token", samples.token(1).token_hash, {"tokens": ["a"], "identities": ["a"]}),
        ("user", "1002", {"identities": ["b"]}),
        ("owner", samples.identifier("exec", 1), {"executions": ["a"]}),
        ("owner", samples.identifier("appr", 2), {"approvals": ["b"]}),
        ("owner", samples.identifier("tok", 2), {"tokens": ["b"]}),
        ("owner", samples.identifier("msg", 1), {"outbox": ["a"]}),
    ],
)
async def test_who_asks_by_an_id_or_a_hash_sees_that_row_alone(
    filled: PostgresStorage,
    connection: Connection,
    tables: list[str],
    purpose: str,
    wanted: str,
    visible: dict[str, list[str]],
) -> None:
    transaction = Transaction(connection)
    await transaction.reach(purpose, wanted)
    found = {table: await seen(transaction, table) for table in tables}
    assert {table: rows for table, rows in found.items() if rows} == visible


async def test_a_read_of_all_tenants_changes_nothing(filled: PostgresStorage, connection: Connection) -> None:
    for purpose, table in (("open_turns", "turns"), ("running_executions", "executions"), ("outbox_due", "outbox")):
        transaction = Transaction(connection)
        await transaction.reach(purpose)
        assert await transaction.change(f"UPDATE {table} SET tenant = tenant", {}) == 0
        await connection.rollback()


async def test_whoever_knows_an_id_serves_its_tenant(filled: PostgresStorage, connection: Connection) -> None:
    transaction = Transaction(connection)
    await transaction.serve("a")
    assert await transaction.serve_owner_of("execution", samples.identifier("exec", 2)) == "b"
    assert set(await seen(transaction, "turns")) == {"b"}
    await transaction.serve("a")
    assert set(await seen(transaction, "turns")) == {"a"}
    assert await transaction.serve_owner_of("execution", "nothing") is None
    assert await seen(transaction, "turns") == []
    assert await transaction.serve_owner_of("identity", samples.identifier("idn", 1)) == "a"
    assert await transaction.rows("SELECT app_reach(), app_wanted()", {}) == [(None, None)]


async def test_nothing_of_a_transaction_is_left_to_the_next(filled: PostgresStorage, connection: Connection) -> None:
    transaction = Transaction(connection)
    await transaction.serve("a")
    await transaction.reach("outbox_due")
    await transaction.offset_clock(5)
    await connection.commit()
    left = await Transaction(connection).rows(
        "SELECT app_tenant(), app_reach(), app_wanted(), nullif(current_setting('app.clock_offset_ms'), '')", {}
    )
    assert left == [(None, None, None, None)]


async def test_the_stores_clock_moves_when_told(connection: Connection) -> None:
    transaction = Transaction(connection)
    before = (await transaction.rows("SELECT app_now_ms()", {}))[0][0]
    await transaction.offset_clock(3_600_000)
    after = (await transaction.rows("SELECT app_now_ms()", {}))[0][0]
    assert 3_600_000 <= after - before < 3_700_000
    assert await transaction.change("SELECT 1", {}) == 1
