import asyncio
import sqlite3
import threading
from pathlib import Path

import pytest

from opsconductor.adapters.storage.sqlite.connection import connect, make_durable
from opsconductor.adapters.storage.sqlite.writer import SqliteWriter
from opsconductor.domain.errors import Conflict, OpsConductorError


class CountingConnection(sqlite3.Connection):
    """Counts commits, and can be told to lose the transaction or to refuse a commit."""

    commits = 0
    refuse_together = False
    units = 0

    def execute(self, sql: str, *parameters: object) -> sqlite3.Cursor:  # type: ignore[override]
        if sql == "SAVEPOINT unit":
            self.units += 1
        if sql == "COMMIT":
            self.commits += 1
            if self.refuse_together and self.units > 1:
                self.units = 0
                error = sqlite3.OperationalError("database or disk is full")
                error.sqlite_errorcode = sqlite3.SQLITE_FULL
                raise error
        if sql == "BEGIN IMMEDIATE":
            self.units = 0
        return super().execute(sql, *parameters)  # type: ignore[arg-type]


@pytest.fixture
def writing(tmp_path: Path) -> tuple[SqliteWriter, CountingConnection]:
    path = tmp_path / "x.db"
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, factory=CountingConnection)
    make_durable(connection)
    connection.execute("CREATE TABLE numbers (number INTEGER PRIMARY KEY) STRICT")
    return SqliteWriter(connection, path), connection


def adding(number: int):  # type: ignore[no-untyped-def]
    return lambda connection: connection.execute("INSERT INTO numbers VALUES (?)", (number,)).lastrowid


async def stored(writer: SqliteWriter) -> list[int]:
    return await writer.write(lambda connection: [row[0] for row in connection.execute("SELECT number FROM numbers")])


async def test_units_that_wait_together_share_a_commit(writing: tuple[SqliteWriter, CountingConnection]) -> None:
    writer, connection = writing
    held, free = threading.Event(), threading.Event()

    def hold(_: sqlite3.Connection) -> None:
        held.set()
        free.wait(10)

    async with asyncio.TaskGroup() as group:
        group.create_task(writer.write(hold))
        await asyncio.to_thread(held.wait, 10)
        units = [group.create_task(writer.write(adding(number))) for number in range(50)]
        await asyncio.sleep(0)
        free.set()
    assert [unit.result() for unit in units] == list(range(50))
    assert connection.commits == 2
    assert await stored(writer) == list(range(50))
    writer.close()


async def test_those_whom_a_commit_has_woken_share_the_next_one(
    writing: tuple[SqliteWriter, CountingConnection],
) -> None:
    writer, connection = writing

    async def three_times(first: int) -> None:
        for number in range(first, first + 3):
            await writer.write(adding(number))

    await asyncio.gather(*(three_times(10 * worker) for worker in range(4)))
    assert connection.commits == 3
    writer.close()


async def test_a_unit_that_fails_undoes_itself_alone(writing: tuple[SqliteWriter, CountingConnection]) -> None:
    writer, _ = writing

    def fails(connection: sqlite3.Connection) -> None:
        adding(100)(connection)
        raise Conflict("store.conflict", "no")

    def breaks(connection: sqlite3.Connection) -> None:
        adding(101)(connection)
        raise ZeroDivisionError

    outcomes = await asyncio.gather(
        *(writer.write(work) for work in (adding(1), fails, adding(2), breaks, adding(1), adding(3))),
        return_exceptions=True,
    )
    assert [type(outcome) for outcome in outcomes] == [int, Conflict, int, ZeroDivisionError, Conflict, int]
    assert await stored(writer) == [1, 2, 3]
    writer.close()


@pytest.mark.parametrize(
    "ending", ["SELECT 1", "ROLLBACK"]
)  # the latter as SQLite does by itself when the disk is full
async def test_a_unit_that_fails_with_nobody_beside_it_undoes_itself(
    writing: tuple[SqliteWriter, CountingConnection], ending: str
) -> None:
    writer, connection = writing

    def fails(connection: sqlite3.Connection) -> None:
        adding(100)(connection)
        connection.execute(ending).fetchall()
        raise Conflict("store.conflict", "no")

    for number in (1, 2):
        assert await writer.write(adding(number)) == number
        with pytest.raises(Conflict):
            await writer.write(fails)
    assert await stored(writer) == [1, 2]
    assert not connection.in_transaction
    writer.close()


async def test_units_after_a_lost_transaction_are_done_one_by_one(
    writing: tuple[SqliteWriter, CountingConnection],
) -> None:
    writer, _ = writing

    def loses(connection: sqlite3.Connection) -> None:
        connection.execute("ROLLBACK")  # as SQLite does by itself when the disk is full
        raise sqlite3.OperationalError("lost")

    outcomes = await asyncio.gather(
        *(writer.write(work) for work in (adding(1), loses, adding(2))), return_exceptions=True
    )
    assert outcomes[0] == 1
    assert isinstance(outcomes[1], OpsConductorError)
    assert outcomes[2] == 2
    assert await stored(writer) == [1, 2]
    writer.close()


async def test_a_commit_that_is_too_large_together_is_tried_apart(
    writing: tuple[SqliteWriter, CountingConnection],
) -> None:
    writer, connection = writing
    connection.refuse_together = True
    outcomes = await asyncio.gather(*(writer.write(adding(number)) for number in range(10)), return_exceptions=True)
    assert outcomes == list(range(10))
    assert await stored(writer) == list(range(10))
    writer.close()


async def test_a_unit_that_nobody_waits_for_any_more_is_not_run(
    writing: tuple[SqliteWriter, CountingConnection],
) -> None:
    writer, _ = writing
    held, free = threading.Event(), threading.Event()

    def hold(_: sqlite3.Connection) -> None:
        held.set()
        free.wait(10)

    async with asyncio.TaskGroup() as group:
        group.create_task(writer.write(hold))
        await asyncio.to_thread(held.wait, 10)
        late = group.create_task(writer.write(adding(1)))
        await asyncio.sleep(0)
        late.cancel()
        await asyncio.sleep(0)
        free.set()
    assert late.cancelled()
    assert await stored(writer) == []
    writer.close()


async def test_what_waits_is_completed_before_it_closes(writing: tuple[SqliteWriter, CountingConnection]) -> None:
    writer, _ = writing
    async with asyncio.TaskGroup() as group:
        units = [group.create_task(writer.write(adding(number))) for number in range(300)]
        await asyncio.sleep(0)
        await asyncio.to_thread(writer.close)
    assert [unit.result() for unit in units] == list(range(300))
    with pytest.raises(OpsConductorError) as caught:
        await writer.write(adding(301))
    assert caught.value.code == "store.unavailable"
    writer.close()


def test_two_event_loops_may_share_it(writing: tuple[SqliteWriter, CountingConnection]) -> None:
    writer, _ = writing

    async def several(first: int) -> None:
        await asyncio.gather(*(writer.write(adding(number)) for number in range(first, first + 100)))

    other = threading.Thread(target=lambda: asyncio.run(several(1000)))
    other.start()
    asyncio.run(several(0))
    other.join()
    assert asyncio.run(stored(writer)) == [*range(100), *range(1000, 1100)]
    writer.close()


async def test_the_log_is_written_back_while_nobody_waits(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    connection = connect(path, lambda: 0, busy_ms=0)
    make_durable(connection)
    connection.execute("PRAGMA wal_autocheckpoint = 0")
    connection.execute("CREATE TABLE numbers (number INTEGER PRIMARY KEY) STRICT")
    writer = SqliteWriter(connection, path)
    before = path.stat().st_size
    for number in range(2000):
        await writer.write(adding(number))
    assert path.stat().st_size > before
    assert path.with_name("x.db-wal").stat().st_size < 4_000_000
    writer.close()
