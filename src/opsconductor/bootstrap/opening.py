"""Opens one engine: everything in order, closed in reverse."""

import hashlib
import platform
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from opsconductor.adapters.audit.hmac_seal import HmacSeal
from opsconductor.adapters.audit_anchor.sealed_file import SealedFileAnchor
from opsconductor.adapters.clock.system import SystemClock
from opsconductor.adapters.connector.http import ServiceAddress, open_http_connector
from opsconductor.adapters.ids.uuid7 import Uuid7Ids
from opsconductor.adapters.inventory.http import open_inventory
from opsconductor.adapters.processes.file_locks import FileLockProcesses
from opsconductor.adapters.telemetry.fault_log import FaultLog
from opsconductor.after_turn import Handler, OutboxRunner
from opsconductor.after_turn.anchor_audit import AnchorAudit
from opsconductor.after_turn.ingest_memory import IngestMemory
from opsconductor.after_turn.record_analytics import RecordAnalytics
from opsconductor.bootstrap.audit_key import audit_key
from opsconductor.bootstrap.engine import Engine, FirstStart, Overrides, OwnService
from opsconductor.bootstrap.new_home import first_start, open_lab, put, seed_cache
from opsconductor.bootstrap.own_service import ServiceTokens, home_id_of, known_addresses
from opsconductor.bootstrap.stores import open_stores
from opsconductor.bootstrap.wiring import Wiring
from opsconductor.ports.asset_store import AssetStore
from opsconductor.ports.audit import AuditAnchor
from opsconductor.ports.clock import Clock
from opsconductor.ports.connector import Connector
from opsconductor.ports.ids import Ids
from opsconductor.ports.inventory import Inventory
from opsconductor.ports.processes import Processes
from opsconductor.ports.storage import Storage
from opsconductor.services.asset_service.app import AssetService, Verify
from opsconductor.services.asset_service.running import running_service
from opsconductor.services.asset_service.seed import seed_assets
from opsconductor.settings import Settings
from opsconductor.stages.e_execute.settling.orphans import Orphans
from opsconductor.stages.e_execute.settling.second_look import SecondLook


@asynccontextmanager
async def open_engine(
    settings: Settings,
    *,
    asset_service_port: int = 0,
    lab: bool | None = None,
    overrides: Overrides | None = None,
    bearers: Callable[[Storage, Clock, Ids], Verify] | None = None,
) -> AsyncIterator[Engine]:
    """Open everything for one process; closed in reverse at the end of the block.

    `bearers` makes the check of other programs' tokens at the asset service; without it only this process may ask.

    `lab` True starts the lab and registers its hosts, False retires them, None leaves the inventory as it is.
    Raises `store.*`, `home.unusable`, `server.port_in_use`, `pack.invalid`, `lab.*`.
    """
    chosen = overrides or Overrides()
    async with AsyncExitStack() as stack:
        base = await _open_base(stack, settings, chosen)
        new_home = await _prepare_home(settings, base)
        verify = bearers(base.storage, base.clock, base.ids) if bearers is not None else None
        services = await _open_services(stack, settings, chosen, base, asset_service_port, verify)
        hosts = await open_lab(stack, settings, base.asset_store, lab)
        wiring = Wiring(
            settings=settings,
            chosen=chosen,
            clock=base.clock,
            ids=base.ids,
            processes=base.processes,
            storage=base.storage,
            inventory=services.inventory,
            http=services.http,
            faults=base.faults,
        )
        phases, recovery, catalogues, authorizer, explain_call, dry_run = await wiring.phases(stack)
        await stack.enter_async_context(phases.identify.renewing_sessions())
        yield Engine(
            settings=settings,
            home_id=home_id_of(settings),
            phases=phases,
            explain_call=explain_call,
            dry_run=dry_run,
            recovery=recovery,
            orphans=Orphans(base.storage, recovery, base.processes, base.clock),
            second_look=SecondLook(base.storage, services.inventory, recovery.prover, base.clock),
            outbox=_outbox(base),
            anchor=AnchorAudit(base.storage, base.anchor),
            storage=base.storage,
            asset_store=base.asset_store,
            inventory=services.inventory,
            catalogues=catalogues,
            authorizer=authorizer,
            clock=base.clock,
            ids=base.ids,
            processes=base.processes,
            first_start=new_home,
            asset_service=services.own,
            lab_hosts=hosts,
        )


@dataclass(frozen=True, kw_only=True)
class _Base:
    """What everything else stands on."""

    clock: Clock
    ids: Ids
    processes: Processes
    storage: Storage
    asset_store: AssetStore
    anchor: AuditAnchor
    faults: FaultLog


@dataclass(frozen=True, kw_only=True)
class _Services:
    """The running asset service and the two clients that call it."""

    own: OwnService
    inventory: Inventory
    http: Connector


async def _open_base(stack: AsyncExitStack, settings: Settings, chosen: Overrides) -> _Base:
    clock: Clock = chosen.clock or SystemClock()
    ids: Ids = chosen.ids or Uuid7Ids(clock)
    key = audit_key(settings)
    seal = HmacSeal(key)
    processes = stack.enter_context(FileLockProcesses(settings.home / "run", _place(settings)))
    stores = await stack.enter_async_context(open_stores(settings, seal, clock, chosen.store_now_ms))
    return _Base(
        clock=clock,
        ids=ids,
        processes=processes,
        storage=chosen.storage(stores.storage) if chosen.storage else stores.storage,
        asset_store=stores.asset_store,
        anchor=SealedFileAnchor(settings.home / "keys" / "audit.anchor", key),
        faults=FaultLog(settings.home / "logs", clock, ids),
    )


def _place(settings: Settings) -> str:
    """What tells this home's processes from those of others on the same database; a file belongs to one home."""
    here = f"{platform.node()}:{settings.home.resolve()}"
    return hashlib.sha256(here.encode()).hexdigest()[:8] if settings.on_postgresql else ""


async def _prepare_home(settings: Settings, base: _Base) -> FirstStart | None:
    """What a new home is given; each part is made up for when an earlier start broke off before it."""
    seed_cache(settings.home / "cache")
    new_home = await first_start(base.storage, settings.tenant, base.clock, base.ids)
    if await base.asset_store.revision(settings.tenant) == 0:
        await put(base.asset_store, settings.tenant, "seed", seed_assets(settings.tenant), retire_missing=False)
    return new_home


async def _open_services(
    stack: AsyncExitStack, settings: Settings, chosen: Overrides, base: _Base, port: int, verify: Verify | None
) -> _Services:
    """The asset service on its socket, and who asks it: understanding and the tools."""
    tokens, home_id = ServiceTokens(), home_id_of(settings)
    service = AssetService(base.asset_store, tokens.or_else(verify), home_id, faults=base.faults)
    own = await stack.enter_async_context(AsyncExitStack())
    running = await own.enter_async_context(running_service(service, host=settings.host, port=port))
    opened = await stack.enter_async_context(open_inventory(lambda: running.base_url, tokens.of_tenant, home_id))
    inventory: Inventory = chosen.inventory or opened
    address = ServiceAddress(base_url=lambda: running.base_url, token=tokens.of_tenant)
    http = await stack.enter_async_context(open_http_connector({"asset_service": address}, known_addresses(inventory)))
    return _Services(own=OwnService(base_url=running.base_url, stop=own.aclose), inventory=inventory, http=http)


def _outbox(base: _Base) -> OutboxRunner:
    handlers: dict[str, Handler] = {
        "memory": IngestMemory(base.storage, base.clock),
        "analytics": RecordAnalytics(base.storage),
    }
    return OutboxRunner(base.storage, handlers, base.faults)
