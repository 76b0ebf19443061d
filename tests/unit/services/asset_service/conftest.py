"""A real asset service on a free port, two tenants in its store, and a client that sends what a test wants."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

import httpx2
import pytest

from opsconductor.domain.assets import Asset
from opsconductor.services.asset_service.app import AssetService
from opsconductor.services.asset_service.running import running_service
from opsconductor.services.asset_service.seed import seed_assets
from opsconductor.testing.doubles.asset_store.in_memory import InMemoryAssetStoreDouble, open_asset_store

HOME = "home_test"
TOKENS = {"token-a": "default", "token-b": "other"}


@dataclass(frozen=True)
class Served:
    """A service that listens, its store, and a client that carries the token of tenant `default`."""

    store: InMemoryAssetStoreDouble
    client: httpx2.AsyncClient
    base_url: str

    async def post(self, path: str, value: object) -> httpx2.Response:
        return await self.client.post(path, json=value)


async def fill(store: InMemoryAssetStoreDouble, tenant: str, *assets: Asset) -> None:
    await store.put_assets(tenant, "seed", assets, retire_missing=False, dry_run=False, actor="test")


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    store = open_asset_store()
    await fill(store, "default", *seed_assets("default"))
    secret = replace(seed_assets("other")[0], name="secret-host", source_id="x", type="linux_server", ip="10.9.9.9")
    await fill(store, "other", secret)
    async with (
        running_service(AssetService(store, TOKENS.get, HOME)) as running,
        httpx2.AsyncClient(
            base_url=running.base_url, trust_env=False, headers={"Authorization": "Bearer token-a"}
        ) as client,
    ):
        yield Served(store, client, running.base_url)
