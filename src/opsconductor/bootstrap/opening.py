"""Opens one engine: everything in order, closed in reverse."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from opsconductor.adapters.asset_store.sqlite import SqliteAssetStore
from opsconductor.adapters.audit.hmac_seal import HmacSeal, load_or_create_key
from opsconductor.adapters.clock.system import SystemClock
from opsconductor.adapters.connector.http import ServiceAddress, open_http_connector
from opsconductor.adapters.ids.uuid7 import Uuid7Ids
from opsconductor.adapters.inventory.http import open_inventory
from opsconductor.adapters.processes.file_locks import FileLockProcesses
from opsconductor.adapters.storage.sqlite import SqliteStorage, open_database
from opsconductor.adapters.telemetry.fault_log import FaultLog
from opsconductor.after_turn import OutboxRunner
from opsconductor.after_turn.ingest_memory import IngestMemory
from opsconductor.after_turn.record_analytics import RecordAnalytics
from opsconductor.bootstrap.engine import Engine, Overrides, OwnService
from opsconductor.bootstrap.new_home import first_start, open_lab, put, seed_cache
from opsconductor.bootstrap.own_service import ServiceTokens, home_id_of, known_addresses
from opsconductor.bootstrap.wiring import Wiring
from opsconductor.ports.clock import Clock
from opsconductor.ports.ids import Ids
from opsconductor.ports.inventory import Inventory
from opsconductor.ports.storage import Storage
from opsconductor.services.asset_service.app import AssetService
from opsconductor.services.asset_service.running import running_service
from opsconductor.services.asset_service.seed import seed_assets
from opsconductor.settings import Settings


@asynccontextmanager
async def open_engine(
    settings: Settings, *, asset_service_port: int = 0, lab: bool | None = None, overrides: Overrides | None = None
) -> AsyncIterator[Engine]:
    """Open everything for one process; closed in reverse at the end of the block.

    `lab` True starts the lab and registers its hosts, False retires them, None leaves the inventory as it is.
    Raises `store.*`, `home.unusable`, `server.port_in_use`, `pack.invalid`, `lab.*`.
    """
    chosen = overrides or Overrides()
    async with AsyncExitStack() as stack:
        clock: Clock = chosen.clock or SystemClock()
        ids: Ids = chosen.ids or Uuid7Ids(clock)
        processes = stack.enter_context(FileLockProcesses(settings.home / "run"))
        seal = HmacSeal(load_or_create_key(settings.home / "keys" / "audit.key"))
        database = await stack.enter_async_context(open_database(settings.database, seal))
        storage: Storage = SqliteStorage(database)
        storage = chosen.storage(storage) if chosen.storage else storage
        asset_store = SqliteAssetStore(database, clock)
        seed_cache(settings.home / "cache")
        new_home = await first_start(storage, settings.tenant, clock, ids)
        if new_home is not None:
            await put(asset_store, settings.tenant, "seed", seed_assets(settings.tenant), retire_missing=False)
        hosts = await open_lab(stack, settings, asset_store, lab)
        home_id = home_id_of(settings)
        tokens = ServiceTokens()
        service = AssetService(asset_store, tokens.tenant_of, home_id)
        own_service = await stack.enter_async_context(AsyncExitStack())
        running = await own_service.enter_async_context(
            running_service(service, host=settings.host, port=asset_service_port)
        )
        opened = await stack.enter_async_context(open_inventory(lambda: running.base_url, tokens.of_tenant, home_id))
        inventory: Inventory = chosen.inventory or opened
        http = await stack.enter_async_context(
            open_http_connector(
                {"asset_service": ServiceAddress(base_url=lambda: running.base_url, token=tokens.of_tenant)},
                known_addresses(inventory),
            )
        )
        wiring = Wiring(
            settings=settings,
            chosen=chosen,
            clock=clock,
            ids=ids,
            processes=processes,
            storage=storage,
            inventory=inventory,
            http=http,
            faults=FaultLog(settings.home / "logs", clock, ids),
        )
        phases, recovery, catalogues, authorizer = await wiring.phases(stack)
        yield Engine(
            settings=settings,
            home_id=home_id,
            phases=phases,
            recovery=recovery,
            outbox=OutboxRunner(
                storage,
                {"memory": IngestMemory(storage, clock), "analytics": RecordAnalytics(storage)},
                wiring.faults,
            ),
            storage=storage,
            asset_store=asset_store,
            inventory=inventory,
            catalogues=catalogues,
            authorizer=authorizer,
            clock=clock,
            ids=ids,
            processes=processes,
            first_start=new_home,
            asset_service=OwnService(base_url=running.base_url, stop=own_service.aclose),
            lab_hosts=hosts,
        )
