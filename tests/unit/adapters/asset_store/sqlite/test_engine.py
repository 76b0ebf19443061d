import inspect

from opsconductor.adapters.asset_store.sqlite import SqliteAssetStore
from opsconductor.adapters.asset_store.sqlite.engine import _SQL
from opsconductor.adapters.storage.sqlite import SqliteStorage
from opsconductor.ports.asset_store import AssetStore
from opsconductor.ports.clock import timestamp
from opsconductor.testing.contracts.asset_store import host
from opsconductor.testing.contracts.storage.opened import refused
from opsconductor.testing.doubles.clock.moving import MovingClockDouble
from tests.unit.adapters.asset_store.sqlite.conftest import Kept


def test_it_has_the_ports_methods_and_their_arguments() -> None:
    for name, promised in inspect.getmembers(AssetStore, inspect.isfunction):
        if not name.startswith("_"):
            assert inspect.signature(getattr(SqliteAssetStore, name)) == inspect.signature(promised), name


async def test_an_import_is_audited_with_what_it_changed(kept: Kept) -> None:
    await kept.store.put_assets(
        "default", "csv", [host("a"), host("b")], retire_missing=False, dry_run=False, actor="x"
    )
    await kept.store.put_assets(
        "default", "csv", [host("b", site="y")], retire_missing=True, dry_run=False, actor="ana"
    )
    entry = (await SqliteStorage(kept.database).audit("default"))[-1].entry
    assert (entry.at, entry.actor, entry.action, entry.subject) == (
        *(timestamp(MovingClockDouble().now()), "ana", "assets.imported", "csv"),
    )
    assert entry.detail == {"added": 0, "updated": 1, "unchanged": 0, "retired": 1, "revision": 2}


async def test_an_import_that_cannot_be_audited_changes_nothing(kept: Kept) -> None:
    kept.connection.execute("DROP TABLE audit_heads")
    async with refused("internal.fault"):
        await kept.store.put_assets("default", "csv", [host("a")], retire_missing=False, dry_run=False, actor="x")
    assert await kept.store.names("default") == ()
    assert await kept.store.revision("default") == 0


async def test_an_id_that_another_asset_has_is_a_conflict(kept: Kept) -> None:
    batch = [host("a"), host("b", asset_id=host("a").asset_id)]
    async with refused("store.conflict"):
        await kept.store.put_assets("default", "csv", batch, retire_missing=False, dry_run=False, actor="x")
    assert await kept.store.names("default") == ()


async def test_words_are_read_again_only_when_the_inventory_changed(kept: Kept) -> None:
    await kept.store.put_assets("default", "csv", [host("a")], retire_missing=False, dry_run=False, actor="x")
    first = await kept.store.vocabulary("default")
    assert await kept.store.vocabulary("default") is first
    await kept.store.put_assets("default", "csv", [host("a")], retire_missing=False, dry_run=False, actor="x")
    assert await kept.store.vocabulary("default") is first
    await kept.store.put_assets("default", "csv", [host("b")], retire_missing=False, dry_run=False, actor="x")
    assert (await kept.store.vocabulary("default")).revision == first.revision + 1


async def test_texts_are_looked_up_in_indexes(kept: Kept) -> None:
    for name in ("by_name", "by_address", "by_service", "by_id"):
        values = {"tenant": "default", "texts": '["a"]', "ids": '["a"]'}
        plan = [step[3] for step in kept.connection.execute("EXPLAIN QUERY PLAN " + _SQL[name], values).fetchall()]
        assert [step for step in plan if step.startswith("SCAN") and "VIRTUAL TABLE" not in step] == [], name
