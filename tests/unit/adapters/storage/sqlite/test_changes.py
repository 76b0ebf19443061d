import sqlite3

import pytest

from opsconductor.adapters.storage.sqlite.changes import demand_change
from opsconductor.domain.errors import Conflict


def test_a_statement_that_changed_nothing_raises() -> None:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE a (b)")
    demand_change(connection.execute("INSERT INTO a VALUES (1)"), Conflict("store.conflict", "x"))
    with pytest.raises(Conflict):
        demand_change(connection.execute("DELETE FROM a WHERE b = 2"), Conflict("store.conflict", "x"))
    connection.close()
