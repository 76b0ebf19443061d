"""The database keeps tenants apart, whatever the statement says."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

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


@asynccontextmanager
async def begun(connection: Connection) -> AsyncIterator[Transaction]:
    """An open transaction, as the engine has it, that is taken back."""
    try:
        async with connection.pipeline() as pipeline:
            yield Transaction(connection, pipeline)
    finally:
        await connection.rollback()


async def seen(transaction: Transaction, table: str) -> list[str]:
    return [str(tenant) for (tenant,) in await transaction.rows(f"SELECT tenant FROM {table}", {})]


async def test_another_tenants_rows_are_invisible_even_without_a_condition(
    filled: PostgresStorage, connection: Connection, tables: list[str], postgresql_database: TestDatabase
) -> None:
    async with begun(connection) as transaction:
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
        async with begun(connection) as transaction:
            await transaction.rows(begin, {})
            for table in tables:
                assert await seen(transaction, table) == [], table


async def test_another_tenants_rows_cannot_be_changed_or_taken_over(
    filled: PostgresStorage, connection: Connection, tables: list[str], postgresql_database: TestDatabase
) -> None:
    for table in tables:
        async with begun(connection) as transaction:
            await transaction.serve("a")
            try:
                changed = await transaction.change(f"UPDATE {table} SET tenant = tenant", {})
                mine = await seen(transaction, table)
            except psycopg.errors.InsufficientPrivilege:  # what is only appended is nobody's to change
                changed, mine = 0, []
            assert changed == len(mine), table
        await transaction_refuses(connection, f"UPDATE {table} SET tenant = 'b'")
        await transaction_refuses(connection, f"INSERT INTO {table} SELECT * FROM {table} WHERE tenant = 'a'")


async def transaction_refuses(connection: Connection, statement: str) -> None:
    async with begun(connection) as transaction:
        await transaction.serve("a")
        with pytest.raises(psycopg.Error):
            await transaction.change(statement, {})


@pytest.mark.parametrize("purpose", REACHES)
async def test_a_read_of_all_tenants_sees_what_it_is_for_and_no_more(
    filled: PostgresStorage, connection: Connection, tables: list[str], purpose: str
) -> None:
    async with begun(connection) as transaction:
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
    async with begun(connection) as transaction:
        await transaction.reach(purpose, wanted)
        found = {table: await seen(transaction, table) for table in tables}
        assert {table: rows for table, rows in found.items() if rows} == visible


async def test_a_read_of_all_tenants_changes_nothing(filled: PostgresStorage, connection: Connection) -> None:
    for purpose, table in (("open_turns", "turns"), ("running_executions", "executions"), ("outbox_due", "outbox")):
        async with begun(connection) as transaction:
            await transaction.reach(purpose)
            assert await transaction.change(f"UPDATE {table} SET tenant = tenant", {}) == 0


async def test_whoever_knows_an_id_serves_its_tenant(filled: PostgresStorage, connection: Connection) -> None:
    async with begun(connection) as transaction:
        for kind, row_id, tenant in (
            ("execution", samples.identifier("exec", 2), "b"),
            ("identity", samples.identifier("idn", 1), "a"),
            ("token", samples.identifier("tok", 2), "b"),
            ("approval", samples.identifier("appr", 1), "a"),
            ("message", samples.identifier("msg", 2), "b"),
        ):
            await transaction.serve_owner_of(kind, row_id)
            assert set(await seen(transaction, "turns")) == {tenant}, kind
            await transaction.serve("a")
            assert set(await seen(transaction, "turns")) == {"a"}
            await transaction.serve_owner_of(kind, "nothing")
            assert await seen(transaction, "turns") == []
        assert await transaction.rows("SELECT app_reach(), app_wanted()", {}) == [(None, None)]


async def test_what_is_held_is_told_and_its_tenant_served(filled: PostgresStorage, connection: Connection) -> None:
    async with begun(connection) as transaction:
        held = await transaction.hold("execution", samples.identifier("exec", 2))
        assert held == [("b", "running", 1, "", True)]
        assert set(await seen(transaction, "turns")) == {"b"}
        held = await transaction.hold("approval", samples.identifier("appr", 1))
        assert held == [("a", "pending", samples.HASH, True, False, 1)]
        assert set(await seen(transaction, "turns")) == {"a"}
        assert await transaction.hold("approval", "nothing") == []
        assert await transaction.hold("execution", "nothing") == []


async def test_a_chain_is_held_from_its_first_row_on(filled: PostgresStorage, connection: Connection) -> None:
    async with begun(connection) as transaction:
        asked = await transaction.ask_for_head("new")
        known = await transaction.ask_for_head("b")
        assert await transaction.answer(asked) == [(0, bytes(32))]
        assert (await transaction.answer(known))[0][0] == 1
        assert set(await seen(transaction, "turns")) == {"b"}


async def test_nothing_of_a_transaction_is_left_to_the_next(filled: PostgresStorage, connection: Connection) -> None:
    async with connection.pipeline() as pipeline:
        transaction = Transaction(connection, pipeline)
        await transaction.serve("a")
        await transaction.reach("outbox_due")
        await transaction.offset_clock(5)
        await pipeline.sync()
        await connection.commit()
    async with begun(connection) as transaction:
        left = await transaction.rows(
            "SELECT app_tenant(), app_reach(), app_wanted(), nullif(current_setting('app.clock_offset_ms'), '')", {}
        )
        assert left == [(None, None, None, None)]


async def test_the_stores_clock_moves_when_told(connection: Connection) -> None:
    async with begun(connection) as transaction:
        before = (await transaction.rows("SELECT app_now_ms()", {}))[0][0]
        await transaction.offset_clock(3_600_000)
        after = (await transaction.rows("SELECT app_now_ms()", {}))[0][0]
        assert 3_600_000 <= after - before < 3_700_000
        assert await transaction.change("SELECT 1", {}) == 1
