"""Connections that keep what the store promises, and SQLite's errors in our words."""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from opsconductor.domain.errors import BadInput, Conflict, InternalFault, OpsConductorError, Unavailable

APPLICATION_ID = 0x4F505343
"""`OPSC` in the file's header: this database is ours."""

_OLDEST_SQLITE = (3, 37, 0)  # STRICT tables
_CACHE_KIB = 16 * 1024  # the table of names of 100,000 assets fits

STORE_ERRORS = (sqlite3.Error, OSError, UnicodeEncodeError)
"""What `as_our_error` has words for."""

NowMs = Callable[[], int]
"""The store's clock: milliseconds since 1970. Leases, expiries and due times are compared with it alone."""


def connect(path: Path, now_ms: NowMs, *, busy_ms: int, read_only: bool = False) -> sqlite3.Connection:
    """A connection in autocommit mode whose SQL may call `now_ms()`. Threads may take turns with it."""
    if sqlite3.sqlite_version_info < _OLDEST_SQLITE:
        raise Unavailable("store.unavailable", f"SQLite {sqlite3.sqlite_version} is too old; 3.37 or later is needed.")
    connection = sqlite3.connect(
        path, timeout=busy_ms / 1000, isolation_level=None, check_same_thread=False, cached_statements=256
    )
    connection.create_function("now_ms", 0, now_ms)
    connection.create_function("casefold", 1, str.casefold, deterministic=True)
    connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
    if read_only:
        connection.execute("PRAGMA query_only = ON")
    return connection


def make_durable(connection: sqlite3.Connection) -> None:
    """WAL, `synchronous=FULL`, foreign keys: set, read back, and refused when the file system does not give them."""
    if connection.execute("PRAGMA journal_mode = WAL").fetchone()[0] != "wal":
        raise Unavailable("store.unavailable", "This file system cannot hold the database: no write-ahead log.")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA fullfsync = ON")  # macOS: its plain fsync leaves the data in the drive's cache
    connection.execute("PRAGMA foreign_keys = ON")
    for setting, wanted in (("synchronous", 2), ("foreign_keys", 1)):
        found = connection.execute(f"PRAGMA {setting}").fetchone()[0]
        if found != wanted:
            raise Unavailable("store.unavailable", f"SQLite did not take {setting} = {wanted}.")


@contextmanager
def snapshot(connection: sqlite3.Connection) -> Iterator[None]:
    """Several reads that see the same commit; within a snapshot they belong to that one."""
    if connection.in_transaction:
        yield
        return
    connection.execute("BEGIN")
    try:
        yield
    finally:
        connection.execute("COMMIT")


@contextmanager
def our_errors(path: Path) -> Iterator[None]:
    """What SQLite raises inside becomes an error of ours."""
    try:
        yield
    except STORE_ERRORS as error:
        raise as_our_error(error, path) from error


def as_our_error(error: BaseException, path: Path) -> BaseException:
    """The error in our words; errors that are not SQLite's or the operating system's are given back as they are."""
    if isinstance(error, UnicodeEncodeError):
        return BadInput("request.bad_text", "The text holds half of a character pair.")
    if isinstance(error, OSError):
        return _of_system(error, path)
    if not isinstance(error, sqlite3.Error):
        return error
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return Unavailable("store.locked", "The database is held by another process.")
    if code == sqlite3.SQLITE_FULL:
        return Unavailable("store.full", "There is no room for the database to grow.")
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return InternalFault("store.corrupt", f"{path.name} is damaged or is no database.")
    if code == sqlite3.SQLITE_CONSTRAINT:
        return Conflict("store.conflict", f"The store already holds it, or what it belongs to is missing: {error}.")
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_CANTOPEN):
        return _of_access(path)
    if code in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_PROTOCOL, sqlite3.SQLITE_NOLFS):
        return Unavailable("store.unavailable", f"The database cannot be read or written: {error}.")
    if isinstance(error, sqlite3.ProgrammingError) and "closed" in str(error):
        return closed()
    return InternalFault("internal.fault", f"The database refused a statement: {error}.")


def closed() -> OpsConductorError:
    """The error for work that comes after the store was closed."""
    return Unavailable("store.unavailable", "The store is closed.")


def _of_access(path: Path) -> OpsConductorError:
    if not path.exists() and not path.parent.is_dir():
        return Unavailable("store.unavailable", f"The folder {path.parent} does not exist.")
    if not os.access(path, os.W_OK) or not os.access(path.parent, os.W_OK):
        return Unavailable("store.read_only", f"{path.name} or its folder cannot be written by this user.")
    return Unavailable("store.unavailable", f"{path.name} cannot be opened.")


def _of_system(error: OSError, path: Path) -> OpsConductorError:
    if isinstance(error, PermissionError) or error.errno == 30:  # EROFS
        return Unavailable("store.read_only", f"{path.name} or its folder cannot be written by this user.")
    if error.errno in (28, 122):  # ENOSPC, EDQUOT
        return Unavailable("store.full", "There is no room for the database to grow.")
    return Unavailable("store.unavailable", f"{path.name} cannot be opened: {error.strerror}.")
