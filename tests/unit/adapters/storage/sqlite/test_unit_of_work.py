import inspect
import sqlite3

import pytest

from opsconductor.adapters.storage.sqlite import SqliteDatabase, SqliteStorage
from opsconductor.adapters.storage.sqlite.unit_of_work import SqliteUnitOfWork
from opsconductor.domain.errors import BadInput
from opsconductor.ports.storage import UnitOfWork
from opsconductor.testing.contracts.storage import samples


def test_it_has_the_ports_methods_and_their_arguments() -> None:
    for name, promised in inspect.getmembers(UnitOfWork, inspect.isfunction):
        if not name.startswith("_"):
            assert inspect.signature(getattr(SqliteUnitOfWork, name)) == inspect.signature(promised), name


async def test_an_empty_unit_does_not_wait_for_the_writer(
    database: SqliteDatabase, connection: sqlite3.Connection
) -> None:
    connection.execute("BEGIN IMMEDIATE")  # whoever writes now has to wait
    await SqliteStorage(database).begin().commit()
    connection.execute("ROLLBACK")


async def test_what_cannot_be_stored_is_refused_before_the_commit(database: SqliteDatabase) -> None:
    unit = SqliteStorage(database).begin()
    with pytest.raises(BadInput):
        unit.finish_turn(samples.record(message="\ud800"))


async def test_audit_entries_are_chained_after_the_changes(
    database: SqliteDatabase, connection: sqlite3.Connection
) -> None:
    unit = SqliteStorage(database).begin()
    unit.append_audit(samples.audit_entry(1))
    unit.accept_turn(samples.accepted())
    unit.append_audit(samples.audit_entry(2))
    await unit.commit()
    assert connection.execute("SELECT seq FROM audit_heads").fetchall() == [(2,)]
