"""What a new home is given, once."""

import stat

from opsconductor.adapters.kept_vectors import KeptVectors
from opsconductor.bootstrap import open_engine
from opsconductor.bootstrap.new_home import seed_cache
from opsconductor.domain.identity import Identity, Role
from opsconductor.domain.token_secrets import token_hash
from opsconductor.domain.turn import TurnInput
from opsconductor.settings import Settings
from opsconductor.testing.doubles.embedder.hashed_words import HashedWordsEmbedderDouble


def a_message(turn_id: str, identity: Identity) -> TurnInput:
    return TurnInput(turn_id=turn_id, identity=identity, message="How many assets do we have?")


async def test_two_identities_and_a_token_that_is_shown_once(settings: Settings) -> None:
    async with open_engine(settings) as engine:
        first = engine.first_start
        assert first is not None
        found = await engine.storage.identity_of_token(token_hash(first.approver_token))
        assert found is not None
        assert (found[0].name, found[0].roles) == ("approver", frozenset({Role.APPROVER}))
        assert first.approver_token not in settings.database.read_bytes().decode("latin-1")
    async with open_engine(settings) as engine:
        assert engine.first_start is None
        assert [identity.name for identity in await engine.storage.identities("default")] == ["approver", "requester"]


async def test_keys_and_database_are_the_owners_alone(settings: Settings) -> None:
    async with open_engine(settings):
        for file in (settings.database, settings.home / "keys" / "audit.key"):
            assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert stat.S_IMODE(settings.home.stat().st_mode) == 0o700


async def test_what_was_learned_from_the_default_pack_ships_and_is_up_to_date(settings: Settings) -> None:
    """When this fails: the pack, the model or the training changed; run tools/learn_default_pack.py and commit."""
    seed_cache(settings.home / "cache")
    before = {file.name: file.read_bytes() for file in (settings.home / "cache").glob("*.bin")}
    assert len(before) == 2
    async with open_engine(settings) as engine:
        identity = await engine.storage.identity("default", "requester")
        assert identity is not None
        await engine.take_turn(a_message(engine.ids.new("turn"), identity))
    after = {file.name: file.read_bytes() for file in (settings.home / "cache").glob("*.bin")}
    assert after == before


async def test_a_damaged_copy_is_not_believed(settings: Settings) -> None:
    seed_cache(settings.home / "cache")
    for file in (settings.home / "cache").glob("vectors-*.bin"):
        file.write_bytes(b"damaged")
    vectors = await KeptVectors(HashedWordsEmbedderDouble(), settings.home / "cache").vectors(["a"])
    assert vectors.shape == (1, HashedWordsEmbedderDouble.dimensions)
