"""What a unit of work is made of: changes prepared beforehand, each with its condition."""

import sqlite3
from collections.abc import Callable

from opsconductor.domain.errors import OpsConductorError

Change = Callable[[sqlite3.Connection], None]
"""Changes the database through the connection, or raises because its condition does not hold."""


def demand_change(cursor: sqlite3.Cursor, error: OpsConductorError) -> None:
    """Raise `error` when the statement changed no row: its condition did not hold."""
    if cursor.rowcount == 0:
        raise error
