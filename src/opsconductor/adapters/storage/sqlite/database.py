"""The database of a home as both of its engines see it: one writer, readers, and the audit chain."""

import asyncio
import os
import sqlite3
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

from opsconductor.adapters.storage.sqlite import audit_chain, schema
from opsconductor.adapters.storage.sqlite.connection import (
    STORE_ERRORS,
    NowMs,
    as_our_error,
    closed,
    connect,
    make_durable,
    our_errors,
    snapshot,
)
from opsconductor.adapters.storage.sqlite.writer import SqliteWriter, Work
from opsconductor.domain.audit import AuditEntry
from opsconductor.domain.errors import Unavailable
from opsconductor.ports.audit import AuditSeal

T = TypeVar("T")

BUSY_MS = 5_000
"""How long a process waits for another one's lock before it says `store.locked`."""


class SqliteDatabase:
    """An open database file. Reads see the last commit; several processes may have the same file open."""

    def __init__(self, path: Path, seal: AuditSeal, now_ms: NowMs, busy_ms: int, writer: SqliteWriter) -> None:
        """Made by `open_database`."""
        self.path = path
        self._seal = seal
        self._now_ms = now_ms
        self._busy_ms = busy_ms
        self._writer = writer
        self._reader: sqlite3.Connection | None = None  # of the event loop's thread
        self._idle: list[sqlite3.Connection] = []  # readers that no thread uses
        self._closed = False

    async def write(self, work: Work[T]) -> T:
        """Run a unit of work in the writer and return its result once it is durable. See `SqliteWriter.write`."""
        return await self._writer.write(work)

    def append_audit(self, connection: sqlite3.Connection, entries: Sequence[AuditEntry]) -> None:
        """Chain `entries` in their order; to be called within a unit of work, with its connection."""
        audit_chain.append(connection, self._seal, entries)

    async def read(self, work: Work[T]) -> T:
        """A read of a few rows, done at once on the event loop's thread; aside when the database is busy."""
        try:
            if self._reader is None:
                self._reader = self._connect(busy_ms=0)
            return work(self._reader)
        except STORE_ERRORS as error:
            ours = as_our_error(error, self.path)
            if not (isinstance(ours, Unavailable) and ours.code == "store.locked"):
                raise ours from error
        return await self.read_aside(work)

    async def read_aside(self, work: Work[T]) -> T:
        """A read of many rows, done in a thread of its own; all its statements see the same commit."""
        return await asyncio.to_thread(self._read_here, work)

    def _read_here(self, work: Work[T]) -> T:
        with our_errors(self.path):
            connection = self._idle.pop() if self._idle else self._connect(busy_ms=self._busy_ms)
            try:
                with snapshot(connection):
                    return work(connection)
            finally:
                self._idle.append(connection)
                if self._closed:
                    self._close_idle()

    def _connect(self, *, busy_ms: int) -> sqlite3.Connection:
        if self._closed:
            raise closed()
        return connect(self.path, self._now_ms, busy_ms=busy_ms, read_only=True)

    def _close_idle(self) -> None:
        while self._idle:
            self._idle.pop().close()

    async def aclose(self) -> None:
        """Complete the units of work that wait, then close every connection."""
        self._closed = True
        if self._reader is not None:
            self._reader.close()
            self._reader = None
        self._close_idle()
        await asyncio.to_thread(self._writer.close)


def system_now_ms() -> int:
    """The machine's wall time in milliseconds since 1970."""
    return time.time_ns() // 1_000_000


@asynccontextmanager
async def open_database(
    path: Path, seal: AuditSeal, now_ms: NowMs = system_now_ms, *, busy_ms: int = BUSY_MS
) -> AsyncIterator[SqliteDatabase]:
    """Open the database at `path`, made and migrated where needed. Raises `store.*`.

    The file gets mode 0600, a folder that is missing 0700. `now_ms` is the store's clock; tests offset it.
    """
    with our_errors(path):
        connection = await asyncio.to_thread(_open_writable, path, now_ms, busy_ms)
    database = SqliteDatabase(path, seal, now_ms, busy_ms, SqliteWriter(connection, path))
    try:
        yield database
    finally:
        await database.aclose()


def _open_writable(path: Path, now_ms: NowMs, busy_ms: int) -> sqlite3.Connection:
    _make_private(path)
    connection = connect(path, now_ms, busy_ms=busy_ms)
    try:
        schema.check_is_ours(connection, path)
        _make_durable_in_time(connection, busy_ms)
        schema.migrate(connection, path, schema.packaged_migrations())
    except BaseException:
        connection.close()
        raise
    return connection


def _make_durable_in_time(connection: sqlite3.Connection, busy_ms: int) -> None:
    # Two processes that make the same file: SQLite does not wait for the other's change of the journal mode.
    last = time.monotonic() + busy_ms / 1000
    while True:
        try:
            return make_durable(connection)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > last:
                raise
            time.sleep(0.01)


def _make_private(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))
    if path.stat().st_mode & 0o077:
        path.chmod(0o600)
