import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from opsconductor.adapters.storage.sqlite import schema
from opsconductor.adapters.storage.sqlite.blobs import to_blob
from opsconductor.adapters.storage.sqlite.connection import connect, make_durable
from opsconductor.adapters.storage.sqlite.packed import pack
from opsconductor.adapters.storage.sqlite.schema import Migration, current_version, migrate, packaged_migrations
from opsconductor.domain.errors import OpsConductorError
from opsconductor.testing.contracts.storage import samples

NEXT = len(packaged_migrations()) + 1
NOTES = "CREATE TABLE notes (\n  text TEXT -- a; semicolon\n) STRICT;\n"
ADDED = Migration(number=NEXT, name="notes", kind="pre", sql=NOTES)
WRITE = "INSERT INTO notes VALUES ('x');\n"
TAKEN = Migration(number=NEXT + 1, name="no_notes", kind="post", sql=WRITE + "DROP TABLE notes;")
BROKEN = Migration(number=NEXT + 1, name="broken", kind="pre", sql=WRITE + "DROP TABLE nothing;")


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    connection = connect(tmp_path / "x.db", lambda: 42, busy_ms=5000)
    make_durable(connection)
    yield connection
    connection.close()


def definition(connection: sqlite3.Connection) -> list[tuple[str, ...]]:
    return connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name").fetchall()


def test_a_migrated_schema_is_the_fresh_one(tmp_path: Path) -> None:
    every = (*packaged_migrations(), ADDED)
    definitions = []
    for stop in range(len(every)):
        path = tmp_path / f"{stop}.db"
        connection = connect(path, lambda: 42, busy_ms=0)
        make_durable(connection)
        if stop:
            migrate(connection, path, every[:stop])
        migrate(connection, path, every)
        assert current_version(connection) == NEXT
        definitions.append(definition(connection))
        connection.close()
    assert all(one == definitions[0] for one in definitions)


def test_every_table_is_strict_and_every_migration_is_numbered_and_marked(
    opened: sqlite3.Connection, tmp_path: Path
) -> None:
    migrate(opened, tmp_path / "x.db", packaged_migrations())
    tables = opened.execute(
        "SELECT name, strict FROM pragma_table_list WHERE schema = 'main' AND name NOT LIKE 'sqlite_%'"
    )
    assert {strict for _, strict in tables} == {1}
    assert {migration.kind for migration in packaged_migrations()} <= {"pre", "post"}
    names = {file.name for file in (Path(schema.__file__).parent / "migrations").iterdir()}
    assert names == {f"{one.number:04d}_{one.name}.{one.kind}.sql" for one in packaged_migrations()}


def test_what_was_applied_is_recorded(opened: sqlite3.Connection, tmp_path: Path) -> None:
    migrate(opened, tmp_path / "x.db", (*packaged_migrations(), ADDED, TAKEN))
    rows = opened.execute("SELECT version, name, applied_at FROM schema_migrations").fetchall()
    assert rows[-2:] == [(NEXT, "notes", 42), (NEXT + 1, "no_notes", 42)]
    assert opened.execute("PRAGMA application_id").fetchall() == [(0x4F505343,)]


def test_a_database_is_backed_up_before_its_schema_changes(opened: sqlite3.Connection, tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    migrate(opened, path, packaged_migrations())
    assert list(tmp_path.glob("*backup*")) == []
    opened.execute("INSERT INTO tenants (name) VALUES ('kept')")
    migrate(opened, path, (*packaged_migrations(), ADDED))
    (backup,) = tmp_path.glob("*backup*")
    assert backup.name == f"x.db.schema-{NEXT - 1}.backup"
    assert backup.stat().st_mode & 0o777 == 0o600
    copy = sqlite3.connect(backup)
    assert copy.execute("SELECT name FROM tenants").fetchall() == [("kept",)]
    assert current_version(copy) == NEXT - 1
    copy.close()


def test_approvals_of_the_first_schema_are_found_by_their_execution(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    connection = connect(path, lambda: 42, busy_ms=0)
    make_durable(connection)
    migrate(connection, path, packaged_migrations()[:1])
    asked = samples.approval()
    row = (pack(asked.approval_id), "default", pack(samples.HASH), "approved", 9, to_blob(asked))
    connection.execute(
        "INSERT INTO approvals (approval_id, tenant, plan_hash, state, expires_at, body) VALUES (?, ?, ?, ?, ?, ?)", row
    )
    connection.execute("INSERT INTO approvals VALUES (2, 'damaged', 'default', 'h', 'pending', 9, x'0102')")
    connection.execute("INSERT INTO approval_decisions VALUES (1, 1, ?)", (to_blob(samples.decision(who="ana")),))
    migrate(connection, path, packaged_migrations())
    found = connection.execute("SELECT execution_id, break_glass, review FROM approvals").fetchall()
    assert found == [(pack(asked.execution_id), 0, None), (None, 0, None)]
    assert connection.execute("SELECT who FROM approval_decisions").fetchall() == [("ana",)]
    connection.close()


def test_a_migration_that_fails_changes_nothing(opened: sqlite3.Connection, tmp_path: Path) -> None:
    migrate(opened, tmp_path / "x.db", packaged_migrations())
    before = definition(opened)
    with pytest.raises(sqlite3.OperationalError):
        migrate(opened, tmp_path / "x.db", (*packaged_migrations(), ADDED, BROKEN))
    assert definition(opened) == before
    assert current_version(opened) == NEXT - 1
    migrate(opened, tmp_path / "x.db", (*packaged_migrations(), ADDED))
    assert current_version(opened) == NEXT


def test_of_several_that_migrate_at_once_one_does(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    first = connect(path, lambda: 42, busy_ms=5000)
    make_durable(first)
    failed = []

    def start() -> None:
        connection = connect(path, lambda: 42, busy_ms=5000)
        try:
            migrate(connection, path, (*packaged_migrations(), ADDED, TAKEN))
        except sqlite3.Error as error:
            failed.append(error)
        connection.close()

    threads = [threading.Thread(target=start) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert current_version(first) == NEXT + 1
    first.close()


def test_a_newer_database_is_refused_and_both_versions_named(opened: sqlite3.Connection, tmp_path: Path) -> None:
    migrate(opened, tmp_path / "x.db", (*packaged_migrations(), ADDED))
    before = definition(opened)
    with pytest.raises(OpsConductorError) as caught:
        migrate(opened, tmp_path / "x.db", packaged_migrations())
    assert caught.value.code == "store.newer"
    assert f"schema {NEXT};" in caught.value.message
    assert f"up to {NEXT - 1}." in caught.value.message
    assert definition(opened) == before


def test_another_programs_database_is_refused(opened: sqlite3.Connection, tmp_path: Path) -> None:
    schema.check_is_ours(opened, tmp_path / "x.db")
    opened.execute("CREATE TABLE theirs (a)")
    with pytest.raises(OpsConductorError) as caught:
        schema.check_is_ours(opened, tmp_path / "x.db")
    assert caught.value.code == "store.corrupt"


def test_a_gap_in_the_numbers_is_a_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "migrations").mkdir()
    for number in (1, 3):
        (tmp_path / "migrations" / f"000{number}_x.pre.sql").touch()
    monkeypatch.setattr(schema, "files", lambda package: tmp_path)
    with pytest.raises(OpsConductorError):
        packaged_migrations.__wrapped__()
