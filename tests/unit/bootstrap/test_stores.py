import builtins
import sys
from pathlib import Path
from typing import Any

import pytest

from opsconductor.adapters.audit.hmac_seal import HmacSeal
from opsconductor.adapters.clock.system import SystemClock
from opsconductor.adapters.storage.sqlite import SqliteStorage
from opsconductor.bootstrap import postgresql_facts
from opsconductor.bootstrap.stores import open_stores
from opsconductor.domain.errors import OpsConductorError
from opsconductor.settings import load_settings
from opsconductor.testing.contracts.storage import samples
from opsconductor.testing.contracts.storage.opened import StoreClock
from opsconductor.testing.servers.databases import TestDatabase

SEAL = HmacSeal(b"k" * 32)


async def test_a_plain_home_has_one_file_for_both(home: Path) -> None:
    async with open_stores(load_settings({"home": str(home)}), SEAL, SystemClock()) as stores:
        assert isinstance(stores.storage, SqliteStorage)
        assert await stores.asset_store.revision("default") == 0


async def test_the_record_goes_where_the_url_says_and_the_inventory_stays(
    home: Path, postgresql_database: TestDatabase
) -> None:
    settings = load_settings({"home": str(home), "database_url": postgresql_database.url})
    clock = StoreClock()
    async with open_stores(settings, SEAL, SystemClock(), clock) as stores:
        unit = stores.storage.begin()
        unit.take_session("default", "s", "a", 30)
        await unit.commit()
        assert await stores.asset_store.revision("default") == 0
        clock.advance(31)  # a clock that a test moves is the store's clock here too
        unit.accept_turn(samples.accepted())
        unit.take_session("default", "s", "b", 30)
        await unit.commit()
    assert postgresql_database.run("SELECT owner FROM session_locks") == [("b",)]
    facts = await postgresql_facts(settings)
    assert (facts["role"], facts["synchronous_commit"]) == ("opsconductor_test_worker", "on")


async def test_a_missing_driver_is_told_with_the_command_that_installs_it(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = builtins.__import__

    def without(name: str, *arguments: Any, **named: Any) -> Any:
        if name.split(".")[0] == "psycopg":
            raise ModuleNotFoundError("No module named 'psycopg'", name="psycopg")
        return usual(name, *arguments, **named)

    for module in [name for name in sys.modules if name.startswith("opsconductor.adapters.storage.postgresql")]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setattr(builtins, "__import__", without)
    settings = load_settings({"home": str(home), "database_url": "postgresql://x/y"})
    with pytest.raises(OpsConductorError) as error:
        async with open_stores(settings, SEAL, SystemClock()):
            pass
    assert error.value.code == "store.driver_missing"
    assert f"--python {sys.executable} install 'psycopg[binary,pool]'" in error.value.next_step
