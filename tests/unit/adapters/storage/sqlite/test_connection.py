import errno
import os
import sqlite3
from pathlib import Path

import pytest

from opsconductor.adapters.storage.sqlite.connection import (
    as_our_error,
    closed,
    connect,
    make_durable,
    our_errors,
    snapshot,
)
from opsconductor.domain.errors import OpsConductorError, Unavailable

CODES = {
    "SQLITE_BUSY": "store.locked",
    "SQLITE_BUSY_SNAPSHOT": "store.locked",
    "SQLITE_LOCKED": "store.locked",
    "SQLITE_FULL": "store.full",
    "SQLITE_CORRUPT": "store.corrupt",
    "SQLITE_CORRUPT_INDEX": "store.corrupt",
    "SQLITE_NOTADB": "store.corrupt",
    "SQLITE_CONSTRAINT_UNIQUE": "store.conflict",
    "SQLITE_CONSTRAINT_FOREIGNKEY": "store.conflict",
    "SQLITE_READONLY": "store.unavailable",
    "SQLITE_CANTOPEN": "store.unavailable",
    "SQLITE_IOERR_FSYNC": "store.unavailable",
    "SQLITE_PROTOCOL": "store.unavailable",
    "SQLITE_ERROR": "internal.fault",
    "SQLITE_MISUSE": "internal.fault",
}


def error_of(name: str) -> sqlite3.Error:
    error = sqlite3.OperationalError("made up")
    error.sqlite_errorcode = getattr(sqlite3, name)
    return error


@pytest.mark.parametrize(("name", "code"), CODES.items())
def test_sqlites_errors_become_ours(tmp_path: Path, name: str, code: str) -> None:
    (tmp_path / "x.db").touch()
    found = as_our_error(error_of(name), tmp_path / "x.db")
    assert isinstance(found, OpsConductorError)
    assert found.code == code


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (errno.EACCES, "store.read_only"),
        (errno.EROFS, "store.read_only"),
        (errno.ENOSPC, "store.full"),
        (errno.EDQUOT, "store.full"),
        (errno.ENOTDIR, "store.unavailable"),
    ],
)
def test_the_systems_errors_become_ours(tmp_path: Path, number: int, code: str) -> None:
    found = as_our_error(OSError(number, os.strerror(number)), tmp_path / "x.db")
    assert isinstance(found, OpsConductorError)
    assert found.code == code


def test_other_errors_are_left_alone(tmp_path: Path) -> None:
    mistake = ZeroDivisionError()
    assert as_our_error(mistake, tmp_path) is mistake
    with pytest.raises(ZeroDivisionError), our_errors(tmp_path):
        raise mistake


def test_a_closed_connection_is_told(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "x.db")
    connection.close()
    with pytest.raises(Unavailable) as caught, our_errors(tmp_path / "x.db"):
        connection.execute("SELECT 1")
    assert (caught.value.code, caught.value.message) == ("store.unavailable", closed().message)


def test_a_folder_that_is_missing_is_told(tmp_path: Path) -> None:
    with pytest.raises(Unavailable) as caught, our_errors(tmp_path / "missing" / "x.db"):
        connect(tmp_path / "missing" / "x.db", lambda: 0, busy_ms=0)
    assert "missing" in caught.value.message


def test_commits_reach_the_disk_before_they_return(tmp_path: Path) -> None:
    connection = connect(tmp_path / "x.db", lambda: 0, busy_ms=0)
    make_durable(connection)
    found = [
        connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous", "foreign_keys")
    ]
    assert found == ["wal", 2, 1]
    connection.close()


def test_a_database_without_a_write_ahead_log_is_refused() -> None:
    connection = sqlite3.connect(":memory:")
    with pytest.raises(Unavailable) as caught:
        make_durable(connection)
    assert caught.value.code == "store.unavailable"
    connection.close()


def test_a_setting_that_sqlite_does_not_take_is_refused(tmp_path: Path) -> None:
    class Deaf(sqlite3.Connection):
        def execute(self, sql: str, *parameters: object) -> sqlite3.Cursor:  # type: ignore[override]
            return super().execute(sql.replace("synchronous = FULL", "synchronous = NORMAL"))

    deaf = sqlite3.connect(tmp_path / "x.db", factory=Deaf, isolation_level=None)
    with pytest.raises(Unavailable) as caught:
        make_durable(deaf)
    assert "synchronous" in caught.value.message
    deaf.close()


def test_sql_tells_the_time_and_folds_case(tmp_path: Path) -> None:
    connection = connect(tmp_path / "x.db", lambda: 42, busy_ms=0)
    assert connection.execute("SELECT now_ms(), casefold('STRASSE'), casefold('straße')").fetchall() == [
        (42, "strasse", "strasse")
    ]
    connection.close()


def test_a_reader_cannot_write(tmp_path: Path) -> None:
    connection = connect(tmp_path / "x.db", lambda: 0, busy_ms=0, read_only=True)
    with pytest.raises(sqlite3.OperationalError):
        connection.execute("CREATE TABLE a (b)")
    connection.close()


def test_a_snapshot_sees_one_commit(tmp_path: Path) -> None:
    writer = connect(tmp_path / "x.db", lambda: 0, busy_ms=0)
    make_durable(writer)
    writer.execute("CREATE TABLE a (b)")
    reader = connect(tmp_path / "x.db", lambda: 0, busy_ms=0, read_only=True)
    count = "SELECT count(*) FROM a"
    with snapshot(reader):
        before = reader.execute(count).fetchall()
        writer.execute("INSERT INTO a VALUES (1)")
        with snapshot(reader):
            assert reader.execute(count).fetchall() == before
    assert reader.execute(count).fetchall() == [(1,)]
    reader.close()
    writer.close()
