"""Migrations lead to one schema, from wherever they start."""

from collections.abc import Iterator

import psycopg
import pytest

from opsconductor.adapters.storage.postgresql import schema
from opsconductor.adapters.storage.postgresql.connection import connect
from opsconductor.adapters.storage.postgresql.schema import Migration, packaged_migrations
from opsconductor.testing.servers.databases import OWNER, WORKER, TestDatabase, new_database

NEXT = len(packaged_migrations()) + 1
ADDED = Migration(number=NEXT, name="notes", kind="pre", sql="CREATE TABLE notes (text text); SELECT ';';")
BROKEN = Migration(number=NEXT + 1, name="broken", kind="post", sql="DROP TABLE notes; DROP TABLE nothing;")
DEFINITIONS = """
    SELECT c.relname::text, c.relkind::text, c.relrowsecurity, c.relforcerowsecurity, c.relacl::text,
        (SELECT string_agg(format('%s %s %s', attname, format_type(atttypid, -1), attnotnull), ', ' ORDER BY attnum)
         FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0),
        (SELECT string_agg(format('%s %s %s', polname, polcmd, pg_get_expr(polqual, polrelid)), ', ' ORDER BY polname)
         FROM pg_policy WHERE polrelid = c.oid),
        (SELECT string_agg(pg_get_constraintdef(oid), ', ' ORDER BY conname) FROM pg_constraint WHERE conrelid = c.oid)
    FROM pg_class AS c WHERE c.relnamespace = 'opsconductor'::regnamespace ORDER BY 1
"""


@pytest.fixture
def fresh(postgresql_server: str, worker_id: str) -> Iterator[TestDatabase]:
    database = new_database(postgresql_server, f"opsconductor_schema_{worker_id}")
    yield database
    database.drop()


async def migrate(database: TestDatabase, upto: int | None = None) -> None:
    connection = await connect(database.owner_url)
    async with connection:
        await schema.migrate(connection, WORKER, upto)


async def test_a_migrated_schema_is_the_fresh_one(
    fresh: TestDatabase, monkeypatch: pytest.MonkeyPatch, postgresql_server: str
) -> None:
    every = (*packaged_migrations(), ADDED)
    monkeypatch.setattr(schema, "packaged_migrations", lambda: every)
    definitions = []
    for stop in range(len(every)):
        database = new_database(postgresql_server, fresh.name)
        if stop:
            await migrate(database, stop)
        await migrate(database)
        definitions.append(database.run(DEFINITIONS))
        assert database.run("SELECT max(version) FROM schema_migrations") == [(NEXT,)]
    assert len(definitions) > 1
    assert all(one == definitions[0] for one in definitions)


async def test_a_migration_that_fails_leaves_everything_as_it_was(
    fresh: TestDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    await migrate(fresh)
    before = fresh.run(DEFINITIONS)
    monkeypatch.setattr(schema, "packaged_migrations", lambda: (*packaged_migrations(), ADDED, BROKEN))
    with pytest.raises(psycopg.errors.UndefinedTable):
        await migrate(fresh)
    assert fresh.run(DEFINITIONS) == before
    assert fresh.run("SELECT max(version) FROM schema_migrations") == [(NEXT - 1,)]


async def test_what_an_administrator_migrates_belongs_to_the_owner(fresh: TestDatabase) -> None:
    fresh.run(f"CREATE SCHEMA opsconductor AUTHORIZATION {OWNER}")
    connection = await connect(fresh.superuser_url)
    async with connection:
        await schema.migrate(connection, WORKER)
    owners = "SELECT DISTINCT relowner::regrole::text FROM pg_class WHERE relnamespace = 'opsconductor'::regnamespace"
    assert fresh.run(owners) == [(OWNER,)]


def test_what_is_only_appended_cannot_be_changed_by_the_worker(postgresql_database: TestDatabase) -> None:
    for table in ("audit", "turn_records", "execution_moves", "approval_decisions"):
        rights = "SELECT " + ", ".join(
            f"has_table_privilege('{WORKER}', '{table}', '{right}')"
            for right in ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE")
        )
        assert postgresql_database.run(rights) == [(True, True, False, False, False)], table


def test_every_table_with_rows_of_tenants_says_whose_they_are(postgresql_database: TestDatabase) -> None:
    without = postgresql_database.run(
        "SELECT relname::text FROM pg_class WHERE relnamespace = 'opsconductor'::regnamespace AND relkind = 'r'"
        " AND NOT EXISTS (SELECT 1 FROM pg_attribute WHERE attrelid = pg_class.oid AND attname = 'tenant') ORDER BY 1"
    )
    assert without == [("schema_migrations",), ("store_facts",)]


def test_migrations_are_numbered_and_marked() -> None:
    assert [one.number for one in packaged_migrations()] == list(range(1, NEXT))
    assert {one.kind for one in packaged_migrations()} <= {"pre", "post"}
