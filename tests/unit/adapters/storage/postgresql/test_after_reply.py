from opsconductor.adapters.storage.postgresql import PostgresStorage
from opsconductor.ports.storage import UnitOfWork
from opsconductor.testing.contracts.storage import samples
from tests.unit.adapters.storage.postgresql.conftest import Race


async def test_a_message_is_counted_once_whoever_delivers_it(race: Race, store: PostgresStorage) -> None:
    counts = {"turns": 1, "answers": 2}
    outcomes = await race(lambda unit, number: unit.add_counts("default", "2026-05-05", counts, "m"))
    assert outcomes == [""] * 12
    assert await store.counts("default") == counts


async def test_counters_of_many_writers_add_up(race: Race, store: PostgresStorage) -> None:
    def count(unit: UnitOfWork, number: int) -> None:
        names = ("a", "b", "c") if number % 2 else ("c", "b", "a")
        unit.add_counts("default", "2026-05-05", dict.fromkeys(names, number), f"m{number}")

    assert await race(count) == [""] * 12
    assert await store.counts("default") == dict.fromkeys(("a", "b", "c"), sum(range(1, 13)))


async def test_a_memory_is_kept_once(race: Race, store: PostgresStorage) -> None:
    assert await race(lambda unit, number: unit.add_memory(samples.memory(text=str(number)))) == [""] * 12
    assert len(await store.memories("default", ("billing",), 10)) == 1
