from opsconductor.adapters.storage.postgresql import PostgresStorage
from opsconductor.ports.storage import UnitOfWork
from opsconductor.testing.contracts.storage import samples
from tests.unit.adapters.storage.postgresql.conftest import Race

SESSION = samples.identifier("sess", 1)


async def test_one_of_many_gets_the_lock(race: Race) -> None:
    outcomes = await race(lambda unit, number: unit.take_session("default", SESSION, str(number), 30))
    assert sorted(outcomes) == ["", *["session.busy"] * 11]


async def test_one_of_many_turns_is_the_next(race: Race, store: PostgresStorage) -> None:
    unit = store.begin()
    unit.take_session("default", SESSION, "a", 30)
    await unit.commit()

    def save(unit: UnitOfWork, number: int) -> None:
        unit.save_session(samples.session(last_request=str(number)), 0, "a")

    outcomes = await race(save)
    assert sorted(outcomes) == ["", *["store.conflict"] * 11]
    stored = await store.session("default", SESSION)
    assert stored is not None
    assert stored.last_request == str(outcomes.index("") + 1)


async def test_the_session_used_last_is_so_for_every_process(store: PostgresStorage, other: PostgresStorage) -> None:
    for engine, number in ((store, 1), (other, 2), (store, 3), (other, 4)):
        session = samples.session(session_id=samples.identifier("sess", number), turn_count=1)
        unit = engine.begin()
        unit.take_session("default", session.session_id, "a", 30)
        unit.save_session(session, 0, "a")
        await unit.commit()
        for reader in (store, other):
            assert await reader.latest_session("default", session.identity_id) == session
