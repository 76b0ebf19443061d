import sqlite3
from collections.abc import Callable

import pytest

from opsconductor.adapters.storage.sqlite import SqliteDatabase, identities
from opsconductor.testing.contracts.storage import samples


# But for "by_user", "tokens": a home has few identities, and this is asked once a start.
@pytest.mark.parametrize("name", [name for name in identities._SQL if name not in ("by_user", "tokens")])
async def test_no_statement_reads_a_table_from_end_to_end(name: str, scans: Callable[[str], list[str]]) -> None:
    assert scans(identities._SQL[name]) == []


async def test_of_a_users_identities_the_first_one_is_his(database: SqliteDatabase) -> None:
    for number, tenant in ((2, "b"), (1, "a")):
        await database.write(identities.adding(samples.identity(number, tenant, os_uid=1000)))
    found = await database.read(lambda one: identities.by_user(one, 1000))
    assert found == samples.identity(1, "a", os_uid=1000)


async def test_no_secret_is_stored(database: SqliteDatabase, connection: sqlite3.Connection) -> None:
    await database.write(identities.adding(samples.identity()))
    await database.write(identities.adding_token(samples.token()))
    ((stored,),) = connection.execute("SELECT token_hash FROM tokens").fetchall()
    assert stored == samples.token().token_hash
