import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import psycopg
import pytest

from opsconductor.adapters.audit.hmac_seal import HmacSeal
from opsconductor.adapters.storage.postgresql import PostgresStorage, StoreAddress, examine, open_storage
from opsconductor.adapters.storage.postgresql.schema import packaged_migrations
from opsconductor.domain.errors import OpsConductorError
from opsconductor.testing.contracts.storage import samples
from opsconductor.testing.contracts.storage.opened import refused
from opsconductor.testing.servers.databases import OWNER, WORKER, TestDatabase, as_user, new_database

SEAL = HmacSeal(b"k" * 32)
NEWEST = packaged_migrations()[-1].number


@pytest.fixture
def fresh(postgresql_server: str, worker_id: str) -> Iterator[TestDatabase]:
    """A database with nothing in it at all."""
    database = new_database(postgresql_server, f"opsconductor_fresh_{worker_id}")
    yield database
    database.drop()


@asynccontextmanager
async def opened(url: str, admin_url: str = "") -> AsyncIterator[PostgresStorage]:
    async with open_storage(StoreAddress(url=url, admin_url=admin_url), SEAL) as storage:
        yield storage


async def keeps_a_turn(storage: PostgresStorage, number: int = 1) -> bool:
    unit = storage.begin()
    unit.accept_turn(samples.accepted(number))
    unit.append_audit(samples.audit_entry(number))
    await unit.commit()
    return await storage.accepted_turn("default", samples.identifier("turn", number)) == samples.accepted(number)


async def test_a_worker_waits_for_the_owner_and_then_needs_it_no_more(fresh: TestDatabase) -> None:
    async with refused("store.outdated"), opened(fresh.url):
        pass
    async with opened(fresh.url, fresh.owner_url) as storage:
        assert await storage.schema_version() == NEWEST
        assert await keeps_a_turn(storage)
    async with opened(fresh.url) as storage:
        assert await keeps_a_turn(storage, 2)
    with psycopg.connect(fresh.url) as worker, pytest.raises(psycopg.errors.InsufficientPrivilege):
        worker.execute("DELETE FROM opsconductor.audit")


async def test_an_owner_makes_a_role_that_owns_nothing_and_works_as_that(fresh: TestDatabase) -> None:
    for number in (1, 2):
        async with opened(fresh.owner_url) as storage:
            assert await keeps_a_turn(storage, number)
    role = f"opsconductor_app_{fresh.name}"
    facts = await examine(StoreAddress(url=fresh.owner_url))
    assert (facts["role"], facts["signed_in_as"], facts["schema_version"]) == (role, OWNER, NEWEST)
    assert fresh.run(f"SELECT rolcanlogin, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = '{role}'") == [
        (False, False, False)
    ]
    # FORCE binds the owner as well: it sees nothing that it did not say it serves.
    with psycopg.connect(fresh.owner_url) as owner:
        assert owner.execute("SELECT count(*) FROM opsconductor.turns").fetchone() == (0,)


async def test_two_first_starts_at_once_make_one_schema(fresh: TestDatabase) -> None:
    async def start(number: int) -> bool:
        async with opened(fresh.owner_url) as storage:
            return await keeps_a_turn(storage, number)

    assert await asyncio.gather(*map(start, range(4))) == [True] * 4
    assert fresh.run("SELECT count(*) FROM schema_migrations") == [(NEWEST,)]


async def test_an_owner_who_may_make_no_role_is_told_what_to_ask_for(fresh: TestDatabase) -> None:
    fresh.run(f'GRANT CREATE ON DATABASE "{fresh.name}" TO {WORKER}')
    with pytest.raises(OpsConductorError) as error:
        async with opened(fresh.url):
            pass
    assert error.value.code == "store.unsafe_role"
    assert f'CREATE ROLE "opsconductor_app_{fresh.name}"; GRANT' in error.value.next_step
    fresh.run(f'CREATE ROLE "opsconductor_app_{fresh.name}"; GRANT "opsconductor_app_{fresh.name}" TO {WORKER}')
    async with opened(fresh.url) as storage:
        assert await keeps_a_turn(storage)


async def test_a_role_that_no_policy_binds_is_refused(fresh: TestDatabase) -> None:
    async with opened(fresh.url, fresh.owner_url):
        pass
    fresh.run(f"CREATE ROLE unbound_{fresh.name} LOGIN BYPASSRLS PASSWORD 'opsconductor-test'")
    fresh.run(f"GRANT {WORKER} TO unbound_{fresh.name}")
    try:
        async with refused("store.unsafe_role"), opened(as_user(fresh.superuser_url, f"unbound_{fresh.name}")):
            pass
    finally:
        fresh.run(f"DROP ROLE unbound_{fresh.name}")


async def test_a_superuser_works_as_the_role_that_owns_nothing(fresh: TestDatabase) -> None:
    async with opened(fresh.superuser_url) as storage:
        assert await keeps_a_turn(storage)
    assert (await examine(StoreAddress(url=fresh.superuser_url)))["role"] == f"opsconductor_app_{fresh.name}"


async def test_a_table_without_forced_policies_is_refused(fresh: TestDatabase) -> None:
    async with opened(fresh.url, fresh.owner_url):
        pass
    for change in ("NO FORCE", "DISABLE"):
        fresh.run(f"ALTER TABLE turns {change} ROW LEVEL SECURITY")
        with pytest.raises(OpsConductorError, match="turns") as error:
            async with opened(fresh.url):
                pass
        assert error.value.code == "store.unprotected"
        fresh.run("ALTER TABLE turns ENABLE ROW LEVEL SECURITY; ALTER TABLE turns FORCE ROW LEVEL SECURITY")
    async with opened(fresh.url):
        pass


async def test_a_database_of_a_later_version_is_left_as_it_is(fresh: TestDatabase) -> None:
    async with opened(fresh.url, fresh.owner_url):
        pass
    fresh.run(f"INSERT INTO schema_migrations (version, name) VALUES ({NEWEST + 1}, 'later')")
    for url in (fresh.url, fresh.owner_url):
        async with refused("store.newer"), opened(url, fresh.owner_url):
            pass
    async with refused("store.newer"):
        await examine(StoreAddress(url=fresh.url))


async def test_a_database_of_another_home_is_refused(fresh: TestDatabase) -> None:
    async with opened(fresh.url, fresh.owner_url):
        pass
    async with refused("store.other_key"), open_storage(StoreAddress(url=fresh.url), HmacSeal(b"x" * 32)):
        pass


async def test_a_durability_that_a_role_was_denied_is_taken_back(fresh: TestDatabase) -> None:
    async with opened(fresh.url, fresh.owner_url):
        pass
    fresh.run(f'ALTER ROLE {WORKER} IN DATABASE "{fresh.name}" SET synchronous_commit = off')
    facts = await examine(StoreAddress(url=fresh.url))
    assert (facts["synchronous_commit"], facts["fsync"], facts["full_page_writes"]) == ("on", "on", "on")


async def test_looking_at_a_database_changes_nothing(fresh: TestDatabase) -> None:
    facts = await examine(StoreAddress(url=fresh.owner_url))
    assert facts["schema_version"] == 0
    assert fresh.run("SELECT count(*) FROM pg_namespace WHERE nspname = 'opsconductor'") == [(0,)]
    async with refused("store.outdated"):
        await examine(StoreAddress(url=fresh.url))


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("postgresql://worker@127.0.0.1:1/ops", "store.unavailable"),
        ("postgresql://worker@/ops?host=/nowhere", "store.unavailable"),
        ("postgresql://worker@127.0.0.1:1/ops?no_such=1", "settings.invalid"),
    ],
)
async def test_a_database_that_cannot_be_reached_is_told(url: str, code: str) -> None:
    async with refused(code), opened(url):
        pass


def test_an_address_shows_no_password() -> None:
    assert "canary" not in repr(StoreAddress(url="postgresql://a:canary@b/c", admin_url="postgresql://o:canary@b/c"))
