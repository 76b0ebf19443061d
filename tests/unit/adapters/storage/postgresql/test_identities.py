from opsconductor.adapters.storage.postgresql import PostgresStorage
from opsconductor.testing.contracts.storage import samples
from tests.unit.adapters.storage.postgresql.conftest import Race


async def test_a_sign_in_link_works_once_from_whatever_side(race: Race, store: PostgresStorage) -> None:
    unit = store.begin()
    unit.add_identity(samples.identity())
    unit.add_token(samples.token())
    await unit.commit()
    outcomes = await race(lambda unit, number: unit.use_token(samples.identifier("tok", 1), samples.LATER))
    assert sorted(outcomes) == ["", *["store.conflict"] * 11]


async def test_a_name_is_given_once(race: Race, store: PostgresStorage) -> None:
    outcomes = await race(lambda unit, number: unit.add_identity(samples.identity(number, name="ana")))
    assert sorted(outcomes) == ["", *["store.conflict"] * 11]
    assert len(await store.identities("default")) == 1


async def test_names_are_listed_by_their_characters(store: PostgresStorage) -> None:
    names = ["Zoe", "ana", "Ärzte", "_x", "b-1"]
    for number, name in enumerate(names):
        unit = store.begin()
        unit.add_identity(samples.identity(number, name=name))
        await unit.commit()
    assert [identity.name for identity in await store.identities("default")] == sorted(names)
