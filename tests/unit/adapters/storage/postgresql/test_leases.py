from opsconductor.adapters.storage.postgresql import PostgresStorage
from opsconductor.testing.contracts.storage import samples
from tests.unit.adapters.storage.postgresql.conftest import Race

EXECUTION = samples.identifier("exec", 1)


async def run(store: PostgresStorage, numbers: int = 1) -> None:
    unit = store.begin()
    for number in range(1, numbers + 1):
        unit.add_execution(samples.execution(number))
        unit.move_execution(samples.move("pending", "running", number))
    await unit.commit()


async def test_one_of_many_workers_gets_the_run(race: Race, store: PostgresStorage) -> None:
    await run(store)
    outcomes = await race(lambda unit, number: unit.claim_execution(EXECUTION, str(number), 30, 0))
    assert sorted(outcomes) == ["", *["execution.fenced"] * 11]
    execution = await store.execution("default", EXECUTION)
    assert execution is not None
    assert (execution.claim, execution.owner) == (1, str(outcomes.index("") + 1))


async def test_one_of_many_runs_gets_the_target(race: Race, store: PostgresStorage) -> None:
    await run(store, 12)
    outcomes = await race(
        lambda unit, number: unit.lock_target("default", "app-01", samples.identifier("exec", number), 30)
    )
    assert sorted(outcomes) == ["", *["target.busy"] * 11]
    holder = await store.target_holder("default", "app-01")
    assert holder == samples.identifier("exec", outcomes.index("") + 1)
