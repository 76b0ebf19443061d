"""The asset service without the rest of the engine, for a process of its own."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager

from opsconductor.adapters.audit.hmac_seal import HmacSeal
from opsconductor.adapters.clock.system import SystemClock
from opsconductor.adapters.ids.uuid7 import Uuid7Ids
from opsconductor.bootstrap.audit_key import audit_key
from opsconductor.bootstrap.engine import FirstStart
from opsconductor.bootstrap.new_home import first_start, put
from opsconductor.bootstrap.own_service import home_id_of
from opsconductor.bootstrap.stores import open_stores
from opsconductor.ports.clock import Clock
from opsconductor.ports.ids import Ids
from opsconductor.ports.storage import Storage
from opsconductor.services.asset_service.app import AssetService, Verify
from opsconductor.services.asset_service.running import RunningService, running_service
from opsconductor.services.asset_service.seed import seed_assets
from opsconductor.settings import Settings


@asynccontextmanager
async def open_asset_service(
    settings: Settings, verify: Callable[[Storage, Clock, Ids], Verify]
) -> AsyncIterator[tuple[RunningService, FirstStart | None]]:
    """Serve the inventory of a home on its own port; `verify` makes the check of callers' tokens.

    Also gives what a new home was given, which somebody has to be told.

    Raises `store.*`, `home.unusable`, `server.port_in_use`.
    """
    clock = SystemClock()
    ids = Uuid7Ids(clock)
    async with AsyncExitStack() as stack:
        seal = HmacSeal(audit_key(settings))
        stores = await stack.enter_async_context(open_stores(settings, seal, clock))
        storage, store = stores.storage, stores.asset_store
        new_home = await first_start(storage, settings.tenant, clock, ids)
        if new_home is not None:
            await put(store, settings.tenant, "seed", seed_assets(settings.tenant), retire_missing=False)
        service = AssetService(store, verify(storage, clock, ids), home_id_of(settings))
        port = settings.asset_service_port
        yield await stack.enter_async_context(running_service(service, host=settings.host, port=port)), new_home
