from pathlib import Path

from opsconductor.bootstrap.storage_alone import open_storage_alone
from opsconductor.settings import load_settings


async def test_the_store_of_the_home_is_opened_and_nothing_else(home: Path) -> None:
    async with open_storage_alone(load_settings({"home": str(home)})) as storage:
        assert await storage.schema_version() >= 1
    assert not (home / "server.lock").exists()
