from dataclasses import replace

import pytest

from opsconductor.domain.assets import Asset, AssetQuery, AssetService
from opsconductor.domain.errors import BadInput
from opsconductor.ports.asset_store import ImportDiff
from opsconductor.services.asset_service.seed import seed_assets
from opsconductor.testing.doubles.asset_store.in_memory import InMemoryAssetStoreDouble, open_asset_store

SEED = seed_assets("default")


async def put(
    store: InMemoryAssetStoreDouble, *assets: Asset, retire: bool = False, dry_run: bool = False
) -> ImportDiff:
    return await store.put_assets("default", "seed", assets, retire_missing=retire, dry_run=dry_run, actor="test")


async def test_an_import_tells_what_it_changed_and_the_revision_follows() -> None:
    store = open_asset_store()
    first = await put(store, *SEED)
    assert (len(first.added), first.unchanged, first.revision) == (6, 0, 1)
    again = await put(store, *SEED)
    assert (again.added, again.unchanged, again.revision) == ((), 6, 1)
    moved = await put(store, replace(SEED[0], site="Lab", ip="192.0.2.99"), *SEED[1:4], retire=True)
    assert moved.updated == (("WS-01", ("site", "ip")),)
    assert (moved.unchanged, moved.retired, moved.revision) == (3, ("WS-05", "WS-06"), 2)


async def test_a_preview_changes_nothing() -> None:
    store = open_asset_store()
    assert (await put(store, *SEED, dry_run=True)).revision == 1
    assert (await store.names("default"), await store.revision("default"), store.imports) == ((), 0, [])


async def test_only_assets_of_the_same_source_are_retired() -> None:
    store = open_asset_store()
    await put(store, *SEED)
    other = replace(SEED[0], source="csv", asset_id="asset_x", name="x")
    await store.put_assets("default", "csv", [other], retire_missing=True, dry_run=False, actor="test")
    assert len(await store.names("default")) == 7


async def test_unknown_fields_and_query_types_are_refused() -> None:
    for query in (
        AssetQuery(query_type="drop"),
        AssetQuery(query_type="count", filters={"password": "x"}),
        AssetQuery(query_type="group", group_by="tenant"),
    ):
        with pytest.raises(BadInput) as caught:
            await open_asset_store().query("default", query)
        assert caught.value.code == "inventory.bad_query"


async def test_an_asset_counts_under_each_of_its_services() -> None:
    store = open_asset_store()
    services = (AssetService(name="a"), AssetService(name="b"), AssetService(name="b", port=2))
    await put(store, replace(SEED[0], services=services), SEED[1])
    answer = await store.query("default", AssetQuery(query_type="group", group_by="service"))
    assert (answer.total_count, dict(answer.breakdown)) == (2, {"a": 1, "b": 1})
