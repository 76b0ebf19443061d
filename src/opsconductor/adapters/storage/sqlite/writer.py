"""The one thread that writes: units of work that wait at the same time share one commit, and one fsync."""

import asyncio
import queue
import sqlite3
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from opsconductor.adapters.storage.sqlite.connection import as_our_error, closed

T = TypeVar("T")
Work = Callable[[sqlite3.Connection], T]
"""One unit of work: changes through the connection it is given, or raises and changes nothing."""

_ENOUGH = 256  # units; what waits behind so many is left to the next commit
_CHECKPOINT_AFTER = 128  # commits; done while nobody waits, so that no commit pays for it


@dataclass(eq=False)
class _Unit:
    """A unit of work, and who waits for it."""

    work: Work[Any]
    loop: asyncio.AbstractEventLoop
    future: "asyncio.Future[Any]"
    result: Any = None
    error: BaseException | None = None


class _TransactionLost(Exception):
    """SQLite took back the whole transaction, so the units before the failed one are gone with it."""


class SqliteWriter:
    """Runs units of work one after the other. Each is whole or not at all, whatever happens to its neighbours.

    The units that an event loop comes to in one round are handed over together: tasks that one commit has woken are
    then found by the next one all at once, instead of the first alone and the others behind it.
    """

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        """Takes over `connection`; the thread starts here."""
        self._connection = connection
        self._path = path
        self._waiting: queue.SimpleQueue[list[_Unit] | None] = queue.SimpleQueue()
        self._gathered: dict[asyncio.AbstractEventLoop, list[_Unit]] = {}
        self._handing_over = threading.Lock()  # nothing is handed over once it is closed
        self._closed = False
        self._commits = 0
        self._thread = threading.Thread(target=self._run, name="opsconductor-store", daemon=True)
        self._thread.start()

    async def write(self, work: Work[T]) -> T:
        """Run `work` and return its result once it is durable. Raises what `work` raises, or `store.*`.

        A unit whose caller is cancelled before its turn comes is not run; one under way is completed.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        with self._handing_over:
            if self._closed:
                raise closed()
            gathered = self._gathered.setdefault(loop, [])
            gathered.append(_Unit(work, loop, future))
        if len(gathered) == 1:
            loop.call_soon(self._hand_over, loop)
        return await future

    def close(self) -> None:
        """Complete what waits, then end the thread and close the connection."""
        with self._handing_over:
            if self._closed:
                return
            self._closed = True
            for units in self._gathered.values():
                self._waiting.put(units)
            self._gathered.clear()
            self._waiting.put(None)
        self._thread.join()
        self._connection.close()

    def _hand_over(self, loop: asyncio.AbstractEventLoop) -> None:
        with self._handing_over:
            if units := self._gathered.pop(loop, None):
                self._waiting.put(units)

    def _run(self) -> None:
        while (first := self._waiting.get()) is not None:
            units, last = self._all_waiting(first)
            self._commit(units)
            self._commits += 1
            _tell(units)
            del units, first  # what a unit holds must not live until the next one comes
            if last:
                return
            if self._commits >= _CHECKPOINT_AFTER and self._waiting.empty():
                self._checkpoint()

    def _all_waiting(self, first: list[_Unit]) -> tuple[list[_Unit], bool]:
        units, last = list(first), False
        while len(units) < _ENOUGH and not last and not self._waiting.empty():
            more = self._waiting.get_nowait()  # it is there: nobody else takes from this queue
            if more is None:
                last = True
            else:
                units += more
        return [unit for unit in units if not unit.future.cancelled()], last

    def _commit(self, units: Sequence[_Unit]) -> None:
        if not units:
            return
        try:
            self._commit_together(units)
        except (_TransactionLost, sqlite3.Error) as error:
            # With BEGIN refused all wait for the same lock. Else one may be too large for the disk, and others not.
            if len(units) == 1 or getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY:
                for unit in units:
                    unit.error = unit.error or as_our_error(error, self._path)
                return
            for unit in units:
                unit.result, unit.error = None, None
                self._commit([unit])

    def _commit_together(self, units: Sequence[_Unit]) -> None:
        execute = self._connection.execute
        execute("BEGIN IMMEDIATE")
        try:
            if len(units) == 1:  # its transaction is its own: no neighbour's work to spare when it fails
                self._attempt(units[0])
                if units[0].error is None:
                    execute("COMMIT")
                return
            for unit in units:
                execute("SAVEPOINT unit")
                self._attempt(unit)
                if unit.error is not None:
                    if not self._connection.in_transaction:
                        raise _TransactionLost
                    execute("ROLLBACK TO unit")
                execute("RELEASE unit")
            execute("COMMIT")
        finally:
            if self._connection.in_transaction:
                execute("ROLLBACK")

    def _attempt(self, unit: _Unit) -> None:
        try:
            unit.result = unit.work(self._connection)
        except Exception as error:  # the edge of the thread: whatever a unit raises belongs to whoever waits for it
            unit.error = as_our_error(error, self._path)

    def _checkpoint(self) -> None:
        try:
            self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
        except sqlite3.Error:
            return  # a later commit tries again; nothing depends on it
        self._commits = 0


def _tell(units: Sequence[_Unit]) -> None:
    """Wake those who wait, each event loop once."""
    for loop in {unit.loop for unit in units}:
        mine = [unit for unit in units if unit.loop is loop]
        try:
            loop.call_soon_threadsafe(_resolve, mine)
        except RuntimeError:
            continue  # that loop is gone, and with it whoever waited


def _resolve(units: Sequence[_Unit]) -> None:
    for unit in units:
        if unit.future.done():
            continue
        if unit.error is not None:
            unit.future.set_exception(unit.error)
        else:
            unit.future.set_result(unit.result)
