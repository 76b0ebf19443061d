import inspect
from collections.abc import Callable

import pytest

from opsconductor.adapters.sql_statements import Statements
from opsconductor.adapters.storage import postgresql
from opsconductor.adapters.storage.postgresql import PostgresStorage
from opsconductor.ports.storage import Storage
from opsconductor.testing.contracts.storage import samples
from opsconductor.testing.contracts.storage.opened import refused
from tests.unit.adapters.storage.postgresql.conftest import fill

LISTS = (
    *(("turns", name) for name in ("records", "records_of_session", "open", "accepted", "record")),
    *(("executions", name) for name in ("execution", "executions", "running", "to_look_at", "of_group", "moves")),
    *(("approvals", name) for name in ("approval", "approvals", "approvals_in_state", "of_execution", "reviews_due")),
    *(("sessions", name) for name in ("session", "latest_session", "customer_data")),
    *(("after_reply", name) for name in ("newest_memories", "memories_about")),
    *(("journal", name) for name in ("journal", "later_intents", "output")),
    *(("audit", name) for name in ("head", "entries")),
    *(("identities", name) for name in ("by_name", "by_id", "by_token", "tokens")),
)


def names_of(kind: type) -> set[str]:
    return {name for name, _ in inspect.getmembers(kind, inspect.isfunction) if not name.startswith("_")}


def test_every_question_of_the_port_can_be_asked() -> None:
    assert names_of(PostgresStorage) == names_of(Storage)


async def test_two_engines_see_each_others_commits_at_once(store: PostgresStorage, other: PostgresStorage) -> None:
    for number in range(1, 11):
        writer, reader = (store, other) if number % 2 else (other, store)
        await fill(writer, f"t{number}", number)
        assert await reader.turn_record(f"t{number}", samples.identifier("turn", number)) == samples.record(
            number, f"t{number}"
        )
    assert await store.tenants() == await other.tenants() == tuple(sorted(f"t{number}" for number in range(1, 11)))


@pytest.mark.parametrize(("file", "name"), LISTS)
def test_a_read_is_led_by_indexes(
    filled: PostgresStorage, scans: Callable[[str], list[str]], file: str, name: str
) -> None:
    statement = Statements(postgresql.__package__, file)[name]
    numbers = {"limit": "10", "after": "0", "os_uid": "1"}
    for wanted in sorted(set(_parameters(statement))):
        literal = "ARRAY['x']" if wanted == "entities" else numbers.get(wanted, "'x'")
        statement = statement.replace(f"%({wanted})s", literal)
    assert scans(statement) == []


async def test_a_closed_store_says_so(address: postgresql.StoreAddress) -> None:
    from tests.unit.adapters.storage.postgresql.conftest import SEAL

    async with postgresql.open_storage(address, SEAL) as store:
        unit = store.begin()
        unit.accept_turn(samples.accepted())
    async with refused("store.unavailable"):
        await unit.commit()
    async with refused("store.unavailable"):
        await store.open_turns()


def _parameters(statement: str) -> list[str]:
    return [part.partition(")s")[0] for part in statement.split("%(")[1:]]
