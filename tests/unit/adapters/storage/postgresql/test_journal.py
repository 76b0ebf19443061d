import asyncio

from opsconductor.adapters.storage.postgresql import PostgresStorage
from opsconductor.domain.errors import OpsConductorError
from opsconductor.testing.contracts.storage import samples
from tests.unit.adapters.storage.postgresql.conftest import Race

EXECUTION = samples.identifier("exec", 1)


async def run(store: PostgresStorage, number: int = 1) -> None:
    unit = store.begin()
    unit.add_execution(samples.execution(number))
    unit.move_execution(samples.move("pending", "running", number))
    unit.claim_execution(samples.identifier("exec", number), "w", 30, 0)
    await unit.commit()


async def test_an_attempt_is_journalled_once(race: Race, store: PostgresStorage) -> None:
    await run(store)
    outcomes = await race(lambda unit, number: unit.record_intent(samples.intent(claim=1)))
    assert sorted(outcomes) == ["", *["store.conflict"] * 11]
    assert len(await store.journal("default", EXECUTION)) == 1


async def test_after_an_acknowledged_cancel_no_step_begins(store: PostgresStorage, other: PostgresStorage) -> None:
    refusals: list[str] = []
    for number in range(1, 16):
        await run(store, number)
        acknowledged = asyncio.Event()

        async def cancel(number: int, acknowledged: asyncio.Event) -> None:
            unit = other.begin()
            unit.request_cancel(samples.identifier("exec", number), "idn")
            await unit.commit()
            acknowledged.set()

        async def step(number: int, acknowledged: asyncio.Event) -> None:
            for attempt in range(1, 20):
                was_cancelled = acknowledged.is_set()
                unit = store.begin()
                unit.record_intent(samples.intent(attempt, number, claim=1))
                try:
                    await unit.commit()
                except OpsConductorError as error:
                    refusals.append(error.code)
                    return
                assert not was_cancelled

        await asyncio.gather(step(number, acknowledged), cancel(number, acknowledged))
    assert set(refusals) == {"execution.cancelled"}
