"""Every engine of the inventory port, real and double, keeps the port's promises."""

import pkgutil
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

import opsconductor.adapters.inventory
import opsconductor.testing.doubles.inventory
from opsconductor.adapters.asset_store.sqlite import SqliteAssetStore
from opsconductor.adapters.audit.hmac_seal import HmacSeal, load_or_create_key
from opsconductor.adapters.clock.system import SystemClock
from opsconductor.adapters.inventory.http import open_inventory
from opsconductor.adapters.storage.sqlite import open_database
from opsconductor.domain.assets import Asset, AssetQuery
from opsconductor.ports.asset_store import AssetStore
from opsconductor.ports.inventory import Inventory
from opsconductor.services.asset_service.app import AssetService
from opsconductor.services.asset_service.running import running_service
from opsconductor.testing.contracts.inventory import CONTENT, PROMISES, TENANT
from opsconductor.testing.doubles.asset_store.in_memory import open_asset_store
from opsconductor.testing.doubles.inventory.in_memory import InMemoryInventoryDouble

TOKENS = {TENANT: "token-of-default", "other": "token-of-other"}
ENGINES = sorted(
    found.name
    for folder in (opsconductor.adapters.inventory, opsconductor.testing.doubles.inventory)
    for found in pkgutil.iter_modules(folder.__path__)
)


@asynccontextmanager
async def sqlite_store(folder: Path) -> AsyncIterator[AssetStore]:
    """The store that ships, in a file of its own."""
    seal = HmacSeal(load_or_create_key(folder / "audit.key"))
    async with open_database(folder / "record.db", seal) as database:
        yield SqliteAssetStore(database, SystemClock())


@asynccontextmanager
async def over_http(store: AssetStore, assets: Sequence[Asset]) -> AsyncIterator[Inventory]:
    """The engine, a real asset service on a socket, and the assets in its store."""
    for source in {asset.source for asset in assets}:
        of_source = [asset for asset in assets if asset.source == source]
        await store.put_assets(TENANT, source, of_source, retire_missing=False, dry_run=False, actor="test")
    service = AssetService(store, {token: tenant for tenant, token in TOKENS.items()}.get, "home_test")
    async with (
        running_service(service) as running,
        open_inventory(lambda: running.base_url, lambda tenant: TOKENS[tenant], "home_test") as inventory,
    ):
        yield inventory


@asynccontextmanager
async def opened(engine: str, folder: Path) -> AsyncIterator[Inventory]:
    """The engine with the content of the contract."""
    if engine == "in_memory":
        yield InMemoryInventoryDouble(CONTENT)
    elif engine == "http over a double":
        async with over_http(open_asset_store(), CONTENT) as inventory:
            yield inventory
    else:
        async with sqlite_store(folder) as store, over_http(store, CONTENT) as inventory:
            yield inventory


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.__name__)
@pytest.mark.parametrize("engine", ["http", "http over a double", "in_memory"])
async def test_engine(engine: str, promise: Callable[[Inventory], Awaitable[None]], tmp_path: Path) -> None:
    async with opened(engine, tmp_path) as inventory:
        await promise(inventory)


def test_the_real_engine_and_the_double_are_both_here() -> None:
    assert ENGINES == ["http", "in_memory"]


@pytest.mark.parametrize("number", [0, 1, 100, 101, 100_000])
async def test_counts_are_exact_over_the_store_that_ships(number: int, tmp_path: Path) -> None:
    assets = [
        Asset(
            asset_id=f"asset_{index}",
            tenant=TENANT,
            name=f"host-{index:06d}",
            type=f"type_{index % 3}",
            source="csv",
            source_id=str(index),
            site=f"site {index % 7}",
        )
        for index in range(number)
    ]
    async with sqlite_store(tmp_path) as store, over_http(store, assets) as inventory:
        counted = await inventory.query(TENANT, AssetQuery(query_type="count"))
        assert (counted.total_count, counted.breakdown) == (number, Counter(asset.type for asset in assets))
        fits = [asset for asset in assets if asset.site == "site 3"]
        at_site = AssetQuery(query_type="count", filters={"site": "SITE 3"}, group_by="site")
        answer = await inventory.query(TENANT, at_site)
        assert (answer.total_count, answer.breakdown) == (len(fits), {"site 3": len(fits)} if fits else {})
        page = await inventory.query(TENANT, AssetQuery(query_type="list", filters={"site": "site 3"}))
        assert (page.total_count, len(page.assets)) == (len(fits), min(len(fits), 100))
        assert (await inventory.query("other", AssetQuery(query_type="count"))).total_count == 0
