"""What the asset store needs of the database it shares with the record: bootstrap hands it in."""

import sqlite3
from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from opsconductor.domain.audit import AuditEntry

T = TypeVar("T")


class Database(Protocol):
    """An open database whose errors are ours already."""

    async def write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run `work` in one transaction, whole or not at all, and return its result once it is durable."""
        ...

    async def read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """A read of a few rows."""
        ...

    async def read_aside(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """A read of many rows, which leaves the event loop free."""
        ...

    def append_audit(self, connection: sqlite3.Connection, entries: Sequence[AuditEntry]) -> None:
        """Chain audit entries within a unit of work, with its connection."""
        ...
