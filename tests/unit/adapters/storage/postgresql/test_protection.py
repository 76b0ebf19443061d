from opsconductor.adapters.audit.hmac_seal import HmacSeal
from opsconductor.adapters.storage.postgresql import protection
from opsconductor.adapters.storage.postgresql.connection import Connection, connect
from opsconductor.testing.contracts.storage.opened import refused
from opsconductor.testing.servers.databases import WORKER, TestDatabase


async def test_the_worker_is_bound_and_may_work(connection: Connection) -> None:
    assert await protection.demand_bound_role(connection) == WORKER
    assert await protection.may_work(connection, WORKER)
    assert not await protection.may_begin(connection)
    await protection.demand_policies(connection)


async def test_owner_and_superuser_are_not_bound(postgresql_database: TestDatabase) -> None:
    for url in (postgresql_database.owner_url, postgresql_database.superuser_url):
        connection = await connect(url)
        async with connection, refused("store.unsafe_role"):
            await protection.demand_bound_role(connection)


async def test_each_durable_setting_is_asked_for(connection: Connection) -> None:
    found = await protection.demand_durability(connection)
    assert found == {"synchronous_commit": "on", "fsync": "on", "full_page_writes": "on"}
    for weak in ("off", "local", "remote_write"):
        await connection.execute(f"SET LOCAL synchronous_commit = {weak}")
        async with refused("store.not_durable"):
            await protection.demand_durability(connection)


async def test_the_first_key_binds_the_database(connection: Connection) -> None:
    await protection.demand_same_key(connection, HmacSeal(b"a" * 32))
    await protection.demand_same_key(connection, HmacSeal(b"a" * 32))
    async with refused("store.other_key"):
        await protection.demand_same_key(connection, HmacSeal(b"b" * 32))


async def test_a_role_is_named_after_its_database(connection: Connection, postgresql_database: TestDatabase) -> None:
    assert await protection.working_role(connection) == f"opsconductor_app_{postgresql_database.name}"
    assert await protection.has_role(connection, WORKER)
    assert not await protection.has_role(connection, "nobody of that name")
