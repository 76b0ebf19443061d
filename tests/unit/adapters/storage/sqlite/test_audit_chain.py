import sqlite3
from collections.abc import Callable
from types import MappingProxyType

import pytest

from opsconductor.adapters.storage.sqlite import SqliteDatabase, audit_chain
from opsconductor.testing.contracts.storage import samples


@pytest.mark.parametrize("name", [name for name in audit_chain._SQL if name != "tenants"])
async def test_no_statement_reads_a_table_from_end_to_end(name: str, scans: Callable[[str], list[str]]) -> None:
    assert scans(audit_chain._SQL[name]) == []


async def test_a_row_takes_little_room(database: SqliteDatabase, connection: sqlite3.Connection) -> None:
    entries = [samples.audit_entry(number) for number in range(1000)]
    await database.write(lambda found: database.append_audit(found, entries))
    ((pages,),) = connection.execute("SELECT count(*) FROM dbstat WHERE name = 'audit'").fetchall()
    assert pages * 4096 / 1000 < 180


async def test_rows_of_tenants_lie_apart(database: SqliteDatabase, connection: sqlite3.Connection) -> None:
    entries = [samples.audit_entry(1, tenant) for tenant in ("a", "b", "a")]
    await database.write(lambda found: database.append_audit(found, entries))
    places = [place for (place,) in connection.execute("SELECT place FROM audit ORDER BY place")]
    assert [divmod(place, 1 << 40) for place in places] == [(1, 1), (1, 2), (2, 1)]


async def test_a_detail_of_any_mapping_is_stored(database: SqliteDatabase) -> None:
    entry = samples.audit_entry(detail=MappingProxyType({"a": MappingProxyType({"b": ["é", 1]})}))
    await database.write(lambda found: database.append_audit(found, [entry]))
    (row,) = await database.read(lambda found: audit_chain.read(found, "default", 0, 10))
    assert row.entry == samples.audit_entry(detail={"a": {"b": ["é", 1]}})
