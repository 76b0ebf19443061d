from pathlib import Path

import pytest

from opsconductor.adapters.embedder.minilm import MiniLmEmbedder
from opsconductor.bootstrap import check_pack, database_facts, default_pack, model_digest, pack_facts
from opsconductor.domain.errors import OpsConductorError
from opsconductor.settings import load_settings


def test_the_pack_that_ships_is_sound(home: Path) -> None:
    assert check_pack(None) == ()
    facts = pack_facts(load_settings({"home": str(home)}))
    assert facts["pack"] == "default"
    assert isinstance(facts["tools"], int)
    assert facts["tools"] >= 7
    assert str(facts["digest"]).startswith("sha256:")


def test_the_pack_of_the_settings_is_the_one_looked_at(home: Path) -> None:
    assert check_pack(default_pack()) == ()
    settings = load_settings({"home": str(home), "pack": str(home / "missing")})
    with pytest.raises(OpsConductorError) as refused:
        pack_facts(settings)
    assert refused.value.code == "pack.not_found"


async def test_the_model_is_read_and_works() -> None:
    assert await model_digest() == MiniLmEmbedder.digest


async def test_the_database_says_how_it_keeps_what_it_is_told(home: Path) -> None:
    facts = await database_facts(load_settings({"home": str(home)}))
    assert (facts["journal_mode"], facts["synchronous"]) == ("WAL", "FULL")
    assert isinstance(facts["schema_version"], int)
    assert facts["schema_version"] >= 1
