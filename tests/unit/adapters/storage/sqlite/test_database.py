import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from opsconductor.adapters.storage.sqlite import SqliteDatabase, SqliteStorage, open_database, open_storage
from opsconductor.adapters.storage.sqlite.database import system_now_ms
from opsconductor.domain.errors import OpsConductorError
from opsconductor.testing.contracts.storage import samples
from opsconductor.testing.contracts.storage.audit import broken_at
from opsconductor.testing.contracts.storage.opened import refused
from tests.unit.adapters.storage.sqlite.conftest import SEAL

# A process that commits turns and says the number of each one that was acknowledged.
WRITER = """
import asyncio, sys
from pathlib import Path
from opsconductor.adapters.audit.hmac_seal import HmacSeal
from opsconductor.adapters.storage.sqlite import open_storage
from opsconductor.testing.contracts.storage import samples

async def main(path, first, last):
    async with open_storage(Path(path), HmacSeal(b"k" * 32)) as storage:
        for number in range(int(first), int(last)):
            unit = storage.begin()
            unit.accept_turn(samples.accepted(number))
            unit.finish_turn(samples.record(number))
            unit.append_audit(samples.audit_entry(number))
            unit.append_audit(samples.audit_entry(number))
            await unit.commit()
            print(number, flush=True)

asyncio.run(main(*sys.argv[1:]))
"""


def writer(path: Path, first: int, last: int) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", WRITER, str(path), str(first), str(last)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def inside(folder: Path) -> list[Path]:
    return sorted(folder.iterdir())


async def accept(storage: SqliteStorage, number: int, **fields: str) -> None:
    unit = storage.begin()
    unit.accept_turn(samples.accepted(number, **fields))
    await unit.commit()


@pytest.fixture
async def impatient(home: Path) -> AsyncIterator[SqliteDatabase]:
    """A database that waits for locks a moment only."""
    async with open_database(home / "opsconductor.db", SEAL, busy_ms=50) as opened:
        yield opened


async def test_the_files_are_the_owners_alone(home: Path) -> None:
    async with open_storage(home / "opsconductor.db", SEAL) as storage:
        await accept(storage, 1)
        modes = {path.name: path.stat().st_mode & 0o777 for path in (home, *inside(home))}
    assert modes == dict.fromkeys(modes, 0o600) | {home.name: 0o700}
    assert {"opsconductor.db", "opsconductor.db-wal"} <= set(modes)


async def test_a_file_that_others_could_read_is_closed_to_them(home: Path) -> None:
    async with open_database(home / "x.db", SEAL):
        pass
    (home / "x.db").chmod(0o644)
    async with open_database(home / "x.db", SEAL):
        assert (home / "x.db").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("after", [1, 20])
def test_kill_9_loses_no_acknowledged_commit(tmp_path: Path, after: int) -> None:
    path = tmp_path / "x.db"
    for start in (0, 1000, 2000):
        process = writer(path, start, start + 1000)
        assert process.stdout is not None
        acknowledged = [int(process.stdout.readline()) for _ in range(after)]
        process.send_signal(signal.SIGKILL)
        acknowledged += [int(line) for line in process.stdout.read().split("\n")[:-1]]
        process.wait()
        process.stdout.close()
        asyncio.run(check_after_kill(path, acknowledged))


async def check_after_kill(path: Path, acknowledged: list[int]) -> None:
    async with open_storage(path, SEAL) as storage:
        for number in acknowledged:
            assert await storage.turn_record("default", samples.identifier("turn", number)) == samples.record(number)
        rows = await storage.audit("default", limit=100_000)
        assert broken_at(SEAL, rows) is None
        assert len(rows) >= 2 * len(acknowledged)
        assert await storage.open_turns() == ()


def test_two_processes_that_write_at_once_lose_and_mix_nothing(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    processes = [writer(path, start, start + 100) for start in (0, 100, 200)]
    outputs = [process.communicate(timeout=50)[0] for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0]
    assert sorted(int(line) for output in outputs for line in output.split()) == list(range(300))

    async def look() -> None:
        async with open_storage(path, SEAL) as storage:
            records = await storage.turns("default", limit=1000)
            assert {record.number: record for record in records} == {n: samples.record(n) for n in range(300)}
            rows = await storage.audit("default", limit=1000)
            assert len(rows) == 600
            assert broken_at(SEAL, rows) is None
            subjects = [row.entry.subject for row in rows]
            assert subjects[::2] == subjects[1::2]  # the two rows of a unit stand side by side

    asyncio.run(look())


@contextmanager
def somebody_without_rights() -> Iterator[Path]:
    """A folder, and a user who may only look at what is in it; root may write everything."""
    with tempfile.TemporaryDirectory(prefix="opsconductor-read-only-") as folder:
        root = os.geteuid() == 0
        if root:
            Path(folder).chmod(0o755)
            yield Path(folder)
            os.seteuid(0)
        else:
            yield Path(folder)
        Path(folder).chmod(0o700)


def give_up_rights(folder: Path) -> None:
    for path in folder.iterdir():
        path.chmod(0o444)
    folder.chmod(0o555)
    if os.geteuid() == 0:
        os.seteuid(65534)


async def test_a_read_only_database_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with somebody_without_rights() as folder:
        async with open_storage(folder / "x.db", SEAL) as storage:
            await accept(storage, 1)
        give_up_rights(folder)
        async with refused("store.read_only"), open_storage(folder / "x.db", SEAL):
            pass
        async with refused("store.read_only"), open_storage(folder / "new.db", SEAL):
            pass


async def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    async with refused("store.unavailable"), open_database(tmp_path / "file" / "x.db", SEAL):
        pass


async def test_a_database_that_another_process_holds_is_told(impatient: SqliteDatabase) -> None:
    storage = SqliteStorage(impatient)
    await accept(storage, 1)
    other = sqlite3.connect(impatient.path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    async with refused("store.locked"):
        await accept(storage, 2)
    assert len(await storage.open_turns()) == 1  # who only reads goes on
    other.execute("COMMIT")
    await accept(storage, 2)
    assert len(await storage.open_turns()) == 2
    other.close()


async def test_opening_a_database_that_another_process_holds_is_told(home: Path) -> None:
    async with open_database(home / "x.db", SEAL):
        pass
    other = sqlite3.connect(home / "x.db", isolation_level=None)
    other.execute("PRAGMA locking_mode = EXCLUSIVE")
    other.execute("BEGIN EXCLUSIVE")
    async with refused("store.locked"), open_database(home / "x.db", SEAL, busy_ms=50):
        pass
    other.close()


async def test_a_read_that_finds_the_database_busy_waits_aside(
    impatient: SqliteDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads = []

    def busy_at_first(connection: sqlite3.Connection) -> int:
        threads.append(threading.current_thread() is threading.main_thread())
        if len(threads) == 1:
            error = sqlite3.OperationalError("database is locked")
            error.sqlite_errorcode = sqlite3.SQLITE_BUSY
            raise error
        return 7

    assert await impatient.read(busy_at_first) == 7
    assert threads == [True, False]


async def test_a_full_database_is_told_and_keeps_what_it_has(database: SqliteDatabase) -> None:
    storage = SqliteStorage(database)
    await accept(storage, 1)
    (pages,) = await database.read(lambda found: found.execute("PRAGMA page_count").fetchone())
    await database.write(lambda found: found.execute(f"PRAGMA max_page_count = {pages + 5}").fetchall())
    async with refused("store.full"):
        await accept(storage, 2, message="x" * 100_000)
    assert len(await storage.open_turns()) == 1
    outcomes = await asyncio.gather(
        accept(storage, 3),
        accept(storage, 4, message="x" * 100_000),
        accept(storage, 5),
        return_exceptions=True,
    )
    assert [getattr(outcome, "code", outcome) for outcome in outcomes] == [None, "store.full", None]
    await database.write(lambda found: found.execute("PRAGMA max_page_count = 1000000").fetchall())
    await accept(storage, 2, message="x" * 100_000)
    assert len(await storage.open_turns()) == 4


@pytest.mark.parametrize(
    "content", [b"this is no database, whatever its name says. " * 100, b"SQLite format 3\x00" + b"x" * 5000]
)
async def test_a_file_that_is_no_database_is_told_and_left_alone(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.db").write_bytes(content)
    async with refused("store.corrupt"), open_database(tmp_path / "x.db", SEAL):
        pass
    assert (tmp_path / "x.db").read_bytes() == content


async def test_another_programs_database_is_left_alone(tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / "x.db")
    other.execute("CREATE TABLE theirs (a)")
    other.commit()
    other.close()
    before = (tmp_path / "x.db").read_bytes()
    async with refused("store.corrupt"), open_database(tmp_path / "x.db", SEAL):
        pass
    assert (tmp_path / "x.db").read_bytes() == before


async def test_a_damaged_page_is_told(home: Path) -> None:
    path = home / "x.db"
    async with open_storage(path, SEAL) as storage:
        for number in range(50):
            await accept(storage, number, message="needle " + "x" * 3000)
    damaged = path.read_bytes().replace(b"needle ", b"\xff" * 7)
    path.write_bytes(damaged[:8192] + b"\xa5" * (len(damaged) - 8192))
    with pytest.raises(OpsConductorError) as caught:
        async with open_storage(path, SEAL) as storage:
            await storage.open_turns()
    assert caught.value.code == "store.corrupt"


async def test_several_that_make_the_same_database_at_once(tmp_path: Path) -> None:
    processes = [writer(tmp_path / "home" / "x.db", start, start + 1) for start in range(4)]
    outputs = [process.communicate(timeout=50)[0].strip() for process in processes]
    assert outputs == ["0", "1", "2", "3"]


async def test_after_it_was_closed_everything_is_refused(home: Path) -> None:
    async with open_storage(home / "x.db", SEAL) as storage:
        await accept(storage, 1)
    async with refused("store.unavailable"):
        await accept(storage, 2)
    async with refused("store.unavailable"):
        await storage.open_turns()
    async with refused("store.unavailable"):
        await storage.turns("default", limit=500)


async def test_closing_leaves_one_file(home: Path) -> None:
    async with open_storage(home / "x.db", SEAL) as storage:
        await accept(storage, 1)
        await storage.open_turns()
        await storage.turns("default", limit=500)
    assert [path.name for path in inside(home)] == ["x.db"]


async def test_the_event_loop_is_free_while_much_is_read(database: SqliteDatabase) -> None:
    held = threading.Event()

    def much(connection: sqlite3.Connection) -> str:
        held.wait(10)
        return "read"

    async with asyncio.TaskGroup() as group:
        reading = group.create_task(database.read_aside(much))
        assert await database.read(lambda connection: connection.execute("SELECT 1").fetchall()) == [(1,)]
        held.set()
    assert reading.result() == "read"


def test_the_stores_clock_is_the_machines() -> None:
    assert system_now_ms() > 1_700_000_000_000
