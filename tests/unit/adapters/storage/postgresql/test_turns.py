from opsconductor.adapters.storage.postgresql import PostgresStorage
from opsconductor.ports.storage import IdempotencyRow, UnitOfWork
from opsconductor.testing.contracts.storage import samples
from tests.unit.adapters.storage.postgresql.conftest import Race


async def test_a_key_is_bound_once_whoever_comes_first(race: Race, store: PostgresStorage) -> None:
    def bind(unit: UnitOfWork, number: int) -> None:
        row = IdempotencyRow(tenant="default", key="k", body_hash=str(number), turn_id="t", created_at=samples.AT)
        unit.accept_turn(samples.accepted(number))
        unit.remember_key(row)

    outcomes = await race(bind)
    assert sorted(outcomes) == ["", *["store.conflict"] * 11]
    bound = await store.idempotency("default", "k")
    assert bound is not None
    assert bound.body_hash == str(outcomes.index("") + 1)
    assert [turn.turn_id for turn in await store.open_turns()] == [samples.identifier("turn", outcomes.index("") + 1)]


async def test_a_turn_gets_one_record(race: Race, store: PostgresStorage) -> None:
    unit = store.begin()
    unit.accept_turn(samples.accepted())
    await unit.commit()
    outcomes = await race(lambda unit, number: unit.finish_turn(samples.record(message=str(number))))
    assert sorted(outcomes) == ["", *["store.conflict"] * 11]
    record = await store.turn_record("default", samples.identifier("turn", 1))
    assert record is not None
    assert record.message == str(outcomes.index("") + 1)
