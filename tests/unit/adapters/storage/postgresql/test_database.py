"""What a broken connection, a dead server and a slow neighbour do to reads and to units of work."""

import asyncio
import time

import psycopg
import pytest

from opsconductor.adapters.storage.postgresql import PostgresStorage, connection
from opsconductor.domain.errors import OpsConductorError
from opsconductor.testing.contracts.storage import samples
from opsconductor.testing.contracts.storage.opened import refused
from opsconductor.testing.servers.databases import TestDatabase

CUT_ALL = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'opsconductor_test_worker'"
CUT_AT_COMMIT = """
    CREATE OR REPLACE FUNCTION cut() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
    BEGIN {what}; RETURN NULL; END $$;
    CREATE CONSTRAINT TRIGGER cut AFTER INSERT ON turns DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION cut();
"""


async def keep(store: PostgresStorage, number: int = 1) -> None:
    unit = store.begin()
    unit.accept_turn(samples.accepted(number))
    unit.append_audit(samples.audit_entry(number))
    await unit.commit()


async def kept(store: PostgresStorage) -> list[str]:
    return [turn.turn_id for turn in await store.open_turns()]


async def test_connections_that_died_while_nobody_used_them_are_not_noticed(
    store: PostgresStorage, postgresql_database: TestDatabase
) -> None:
    await asyncio.gather(*(keep(store, number) for number in range(1, 5)), *(kept(store) for _ in range(6)))
    postgresql_database.run(CUT_ALL)
    assert len(await kept(store)) == 4
    postgresql_database.run(CUT_ALL)
    await keep(store, 9)
    assert len(await kept(store)) == 5


@pytest.mark.parametrize("what", ["PERFORM pg_terminate_backend(pg_backend_pid())", "RAISE EXCEPTION 'no'"])
async def test_a_commit_that_breaks_is_told_and_nothing_is_guessed(
    store: PostgresStorage, postgresql_database: TestDatabase, what: str
) -> None:
    await keep(store, 1)
    postgresql_database.run(CUT_AT_COMMIT.format(what=what))
    try:
        with pytest.raises(OpsConductorError) as error:
            await keep(store, 2)
    finally:
        postgresql_database.run("DROP FUNCTION cut CASCADE")
    broke = "terminate" in what
    assert error.value.code == ("store.unavailable" if broke else "internal.fault")
    assert error.value.facts == ({"outcome": "unknown"} if broke else {})
    assert len(await kept(store)) == 1
    await keep(store, 3)
    assert [row.seq for row in await store.audit("default")] == [1, 2]


async def test_a_row_that_another_process_holds_is_not_waited_for_long(
    store: PostgresStorage, other: PostgresStorage, postgresql_database: TestDatabase
) -> None:
    await keep(store, 1)
    with psycopg.connect(postgresql_database.superuser_url, options="-c search_path=opsconductor") as holder:
        holder.execute("LOCK TABLE turns IN ACCESS EXCLUSIVE MODE")
        async with refused("store.locked"):
            await keep(store, 2)
        async with refused("store.locked"):
            await kept(other)
    await keep(store, 2)
    assert len(await kept(other)) == 2


async def test_many_who_wait_for_the_same_are_told_together(
    store: PostgresStorage, postgresql_database: TestDatabase
) -> None:
    begun = time.monotonic()
    with psycopg.connect(postgresql_database.superuser_url, options="-c search_path=opsconductor") as holder:
        holder.execute("LOCK TABLE turns IN ACCESS EXCLUSIVE MODE")
        outcomes = await asyncio.gather(*(keep(store, number) for number in range(1, 31)), return_exceptions=True)
    assert {getattr(outcome, "code", "") for outcome in outcomes} == {"store.locked"}
    assert time.monotonic() - begun < 10


async def test_a_server_that_falls_silent_is_cut_off(
    store: PostgresStorage, postgresql_database: TestDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    await keep(store, 1)
    postgresql_database.run(
        CUT_AT_COMMIT.format(what="PERFORM pg_sleep(3)").replace("DEFERRABLE INITIALLY DEFERRED", "")
    )
    monkeypatch.setattr(connection, "SILENCE_S", 0.5)
    begun = time.monotonic()
    try:
        async with refused("store.unavailable"):
            await keep(store, 2)
        assert time.monotonic() - begun < 2.5
        assert len(await kept(store)) == 1
    finally:
        postgresql_database.run("DROP FUNCTION cut CASCADE")
    monkeypatch.undo()
    await keep(store, 3)


async def test_who_reads_many_at_once_waits_for_a_connection_and_gets_one(store: PostgresStorage) -> None:
    await keep(store)
    assert await asyncio.gather(*(kept(store) for _ in range(60))) == [await kept(store)] * 60


async def test_half_a_character_pair_is_refused_in_reads_too(store: PostgresStorage) -> None:
    async with refused("request.bad_text"):
        await store.accepted_turn("default", "\ud800")
    assert await store.accepted_turn("default", "x") is None


async def test_a_caller_who_is_cancelled_leaves_the_store_whole(store: PostgresStorage) -> None:
    for delay in (0.0, 0.001, 0.002, 0.004, 0.008):
        async with asyncio.TaskGroup() as group:
            hasty = group.create_task(keep(store, int(delay * 1000) + 100))
            patient = [group.create_task(keep(store, int(delay * 10_000) + 1000 + number)) for number in range(3)]
            await asyncio.sleep(delay)
            hasty.cancel()
        assert all(task.done() and task.exception() is None for task in patient)
    rows = await store.audit("default")
    assert [row.seq for row in rows] == list(range(1, len(rows) + 1))
    assert len(rows) == len(await kept(store)) >= 15
