import asyncio

from opsconductor.adapters.storage.postgresql import PostgresStorage
from opsconductor.adapters.storage.postgresql.connection import connect
from opsconductor.ports.storage import UnitOfWork
from opsconductor.testing.contracts.storage import samples
from opsconductor.testing.contracts.storage.opened import refused
from opsconductor.testing.servers.databases import TestDatabase
from tests.unit.adapters.storage.postgresql.conftest import SEAL, Race


async def test_writers_of_several_tenants_chain_without_gaps(race: Race, store: PostgresStorage) -> None:
    def append(unit: UnitOfWork, number: int) -> None:
        for tenant in ("b", "a", "c") if number % 2 else ("c", "b", "a"):
            unit.append_audit(samples.audit_entry(number, tenant))

    assert await race(append) == [""] * 12
    for tenant in ("a", "b", "c"):
        rows = await store.audit(tenant)
        assert [row.seq for row in rows] == list(range(1, 13))
        assert SEAL.verify(rows) is None
        assert await store.audit_head(tenant) == (12, rows[-1].hash)
    assert await store.tenants() == ("a", "b", "c")


async def test_two_processes_that_append_all_the_time_wait_for_each_other(
    store: PostgresStorage, other: PostgresStorage
) -> None:
    async def append(engine: PostgresStorage) -> None:
        for number in range(40):
            unit = engine.begin()
            unit.append_audit(samples.audit_entry(number))
            await unit.commit()

    await asyncio.gather(append(store), append(other))
    rows = await store.audit("default")
    assert [row.seq for row in rows] == list(range(1, 81))
    assert SEAL.verify(rows) is None


async def test_a_tenant_whose_first_unit_failed_has_no_chain(store: PostgresStorage) -> None:
    unit = store.begin()
    unit.append_audit(samples.audit_entry())
    unit.move_execution(samples.move("pending", "running"))
    async with refused("execution.not_found"):
        await unit.commit()
    assert await store.tenants() == ()
    assert await store.audit_head("default") == (0, "")


async def test_who_waits_too_long_for_the_chain_is_told(
    store: PostgresStorage, postgresql_database: TestDatabase
) -> None:
    unit = store.begin()
    unit.append_audit(samples.audit_entry())
    await unit.commit()
    holder = await connect(postgresql_database.superuser_url)
    async with holder:
        await holder.execute("SELECT 1 FROM audit_heads FOR UPDATE")
        unit.append_audit(samples.audit_entry(2))
        async with refused("store.locked"):
            await unit.commit()
        await holder.rollback()
    await unit.commit()
    assert [row.seq for row in await store.audit("default")] == [1, 2]
