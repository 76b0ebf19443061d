from opsconductor.adapters.storage.postgresql import PostgresStorage
from opsconductor.ports.storage import UnitOfWork
from opsconductor.testing.contracts.storage import samples
from tests.unit.adapters.storage.postgresql.conftest import Race


async def test_the_same_order_is_opened_once(race: Race, store: PostgresStorage) -> None:
    def open_order(unit: UnitOfWork, number: int) -> None:
        unit.add_execution(samples.execution(number, tool_key="restart billing on app-01"))
        unit.move_execution(samples.move("pending", "awaiting_approval", number))

    outcomes = await race(open_order)
    assert sorted(outcomes) == ["", *["execution.duplicate"] * 11]
    found = await store.open_execution("default", "restart billing on app-01")
    assert found is not None
    assert found.execution_id == samples.identifier("exec", outcomes.index("") + 1)


async def test_one_of_many_moves_it(race: Race, store: PostgresStorage) -> None:
    unit = store.begin()
    unit.add_execution(samples.execution())
    await unit.commit()
    outcomes = await race(lambda unit, number: unit.move_execution(samples.move("pending", "running"), str(number)))
    assert sorted(outcomes) == ["", *["store.conflict"] * 11]
    assert len(await store.moves("default", samples.identifier("exec", 1))) == 1
