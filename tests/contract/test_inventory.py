"""Every engine of the inventory port, real and double, keeps the port's promises."""

import pkgutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest

import opsconductor.adapters.inventory
import opsconductor.testing.doubles.inventory
from opsconductor.adapters.inventory.http import open_inventory
from opsconductor.ports.inventory import Inventory
from opsconductor.services.asset_service.app import AssetService
from opsconductor.services.asset_service.running import running_service
from opsconductor.testing.contracts.inventory import CONTENT, PROMISES, TENANT
from opsconductor.testing.doubles.asset_store.in_memory import open_asset_store
from opsconductor.testing.doubles.inventory.in_memory import InMemoryInventoryDouble

ENGINES = sorted(
    found.name
    for folder in (opsconductor.adapters.inventory, opsconductor.testing.doubles.inventory)
    for found in pkgutil.iter_modules(folder.__path__)
)


@asynccontextmanager
async def over_http() -> AsyncIterator[Inventory]:
    """The engine, a real asset service on a socket, and the content in its store."""
    store = open_asset_store()
    for source in ("seed", "lab"):
        assets = [asset for asset in CONTENT if asset.source == source]
        await store.put_assets(TENANT, source, assets, retire_missing=False, dry_run=False, actor="test")
    service = AssetService(store, {"secret": TENANT}.get, "home_test")
    async with (
        running_service(service) as running,
        open_inventory(lambda: running.base_url, lambda tenant: "secret", "home_test") as inventory,
    ):
        yield inventory


@asynccontextmanager
async def in_memory() -> AsyncIterator[Inventory]:
    """The double with the content."""
    yield InMemoryInventoryDouble(CONTENT)


OPEN: dict[str, Callable[[], AbstractAsyncContextManager[Inventory]]] = {"http": over_http, "in_memory": in_memory}


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.__name__)
@pytest.mark.parametrize("engine", ENGINES)
async def test_engine(engine: str, promise: Callable[[Inventory], Awaitable[None]]) -> None:
    async with OPEN[engine]() as inventory:
        await promise(inventory)


def test_the_real_engine_and_the_double_are_both_here() -> None:
    assert ENGINES == ["http", "in_memory"]
