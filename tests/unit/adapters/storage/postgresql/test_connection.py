import time

import psycopg
import pytest

from opsconductor.adapters.storage.postgresql import connection as module
from opsconductor.adapters.storage.postgresql.connection import Connection, connect, conninfo, cut_when_silent, prepare
from opsconductor.domain.errors import BadInput, OpsConductorError
from opsconductor.testing.contracts.storage.opened import refused
from opsconductor.testing.servers.databases import TestDatabase

LIMITS = {
    "statement_timeout": "4s",
    "lock_timeout": "2s",
    "idle_in_transaction_session_timeout": "8s",
    "synchronous_commit": "on",
    "default_transaction_isolation": "read committed",
    "client_encoding": "UTF8",
    "application_name": "opsconductor",
}


@pytest.mark.parametrize("name", LIMITS)
async def test_a_connection_has_our_limits_whatever_the_role_has(postgresql_database: TestDatabase, name: str) -> None:
    role = "opsconductor_test_worker"
    for setting in ("statement_timeout = 0", "synchronous_commit = off"):
        postgresql_database.run(f'ALTER ROLE {role} IN DATABASE "{postgresql_database.name}" SET {setting}')
    try:
        async with await connect(postgresql_database.url) as opened:
            assert await (await opened.execute(f"SHOW {name}")).fetchone() == (LIMITS[name],)
    finally:
        postgresql_database.run(f'ALTER ROLE {role} IN DATABASE "{postgresql_database.name}" RESET ALL')


async def test_a_stronger_promise_of_the_server_stays(postgresql_database: TestDatabase) -> None:
    url = f"{postgresql_database.url}&options=-c%20synchronous_commit%3Dremote_apply"
    async with await connect(url) as opened:
        assert await (await opened.execute("SHOW synchronous_commit")).fetchone() == ("remote_apply",)


async def test_work_is_done_as_the_role_that_was_named(postgresql_database: TestDatabase) -> None:
    async with await connect(postgresql_database.superuser_url, "opsconductor_test_worker") as opened:
        await opened.rollback()
        row = await (await opened.execute("SELECT current_user::text")).fetchone()
        assert row == ("opsconductor_test_worker",)


async def test_a_server_that_is_too_old_is_refused(connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "OLDEST_SERVER", 990000)
    with pytest.raises(OpsConductorError, match="too old"):
        await prepare(connection)


@pytest.mark.parametrize("url", ["postgresql://h/x?no_such=1", "postgresql://[::1/x"])
def test_a_url_that_cannot_be_read_is_told(url: str) -> None:
    with pytest.raises(BadInput) as error:
        conninfo(url)
    assert error.value.code == "settings.invalid"


def test_what_a_url_says_of_itself_stays() -> None:
    found = psycopg.conninfo.conninfo_to_dict(conninfo("postgresql://h/x?connect_timeout=9&application_name=mine"))
    assert (str(found["connect_timeout"]), found["application_name"]) == ("9", "mine")
    assert found["target_session_attrs"] == "read-write"


async def test_a_database_that_does_not_exist_is_told(postgresql_database: TestDatabase) -> None:
    async with refused("store.unavailable"):
        await connect(postgresql_database.url.replace(postgresql_database.name, "no_such"))


async def test_a_server_that_says_nothing_holds_nobody(connection: Connection) -> None:
    await connection.execute("SET statement_timeout = 0")
    begun = time.monotonic()
    with pytest.raises(psycopg.OperationalError), cut_when_silent(connection, 0.2):
        await connection.execute("SELECT pg_sleep(20)")
    assert time.monotonic() - begun < 5
    assert connection.broken


async def test_a_connection_that_is_quick_enough_is_left_alone(connection: Connection) -> None:
    with cut_when_silent(connection, 0.1):
        await connection.execute("SELECT 1")
    await connection.execute("SELECT pg_sleep(0.2)")
    assert await (await connection.execute("SELECT 2")).fetchone() == (2,)
