"""The one place that knows which engine serves which port. Everything is opened here and closed in reverse."""

import hashlib
import os
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

from opsconductor.adapters.asset_store.sqlite import SqliteAssetStore
from opsconductor.adapters.audit.hmac_seal import HmacSeal, load_or_create_key
from opsconductor.adapters.authorizer.cedar import CedarAuthorizer
from opsconductor.adapters.catalogue.files import open_catalogues
from opsconductor.adapters.clock.system import SystemClock
from opsconductor.adapters.connector.http import ServiceAddress, open_http_connector
from opsconductor.adapters.connector.network import NetworkConnector
from opsconductor.adapters.connector.ssh import SshConnector
from opsconductor.adapters.embedder.minilm import open_embedder
from opsconductor.adapters.expressions.cel import open_expressions
from opsconductor.adapters.ids.uuid7 import Uuid7Ids
from opsconductor.adapters.intent_model.trained import open_intent_models
from opsconductor.adapters.inventory.http import open_inventory
from opsconductor.adapters.json_codec import dump
from opsconductor.adapters.lanes.hybrid import open_lanes
from opsconductor.adapters.processes.file_locks import FileLockProcesses
from opsconductor.adapters.schema.json_schema import JsonSchemas
from opsconductor.adapters.secrets.files import FileSecrets
from opsconductor.adapters.session_memory.in_process import InProcessSessionMemory
from opsconductor.adapters.storage.sqlite import SqliteStorage, open_database
from opsconductor.adapters.telemetry.fault_log import FaultLog
from opsconductor.adapters.telemetry.turn_trace import ClockTurnTrace, PhaseObserver
from opsconductor.after_turn.ingest_memory import IngestMemory
from opsconductor.after_turn.outbox_runner import OutboxRunner
from opsconductor.after_turn.record_analytics import RecordAnalytics
from opsconductor.domain.assets import Asset
from opsconductor.domain.errors import BadInput, Conflict
from opsconductor.domain.identity import Identity, Role, Token
from opsconductor.domain.json_value import Json
from opsconductor.domain.token_secrets import new_token, token_hash
from opsconductor.domain.turn import TurnInput, TurnReply
from opsconductor.phases.p01_identify import Identify
from opsconductor.phases.p02_sense import Sense
from opsconductor.phases.p03_update_customer import UpdateCustomer
from opsconductor.phases.p04_retrieve import Retrieve
from opsconductor.phases.p05_select_rules import SelectRules
from opsconductor.phases.p06_orchestrate import Orchestrate
from opsconductor.phases.p07_execute_tools.execute_tools import ExecuteTools
from opsconductor.phases.p07_execute_tools.gate import Gate
from opsconductor.phases.p08_plan_response import PlanResponse
from opsconductor.phases.p09_generate import Generate
from opsconductor.phases.p10_enforce.enforce import Enforce
from opsconductor.phases.p11_persist.persist import Persist
from opsconductor.pipeline import Phases, close_interrupted, run_turn
from opsconductor.ports.asset_import import AssetImporter
from opsconductor.ports.asset_store import AssetStore
from opsconductor.ports.authorizer import Authorizer
from opsconductor.ports.catalogue import Catalogues
from opsconductor.ports.clock import Clock, timestamp
from opsconductor.ports.connector import Connector
from opsconductor.ports.failpoints import Failpoints, NoFailpoints
from opsconductor.ports.ids import Ids
from opsconductor.ports.inventory import Inventory
from opsconductor.ports.lanes import LaneRerankers, Lanes
from opsconductor.ports.llm import Wording
from opsconductor.ports.processes import Processes
from opsconductor.ports.storage import Storage
from opsconductor.ports.telemetry import FaultReporter
from opsconductor.services.asset_service.app import AssetService
from opsconductor.services.asset_service.lab_assets import assets_from_lab
from opsconductor.services.asset_service.running import running_service
from opsconductor.services.asset_service.seed import seed_assets
from opsconductor.settings import Settings
from opsconductor.stages.a_classify.classify import Classify
from opsconductor.stages.b_select.select import Select
from opsconductor.stages.c_plan.planner import Plan
from opsconductor.stages.d_answer.answer import Answer
from opsconductor.stages.e_execute.approval_manager import ApprovalManager
from opsconductor.stages.e_execute.execution_engine import ExecutionEngine
from opsconductor.stages.e_execute.executor import Executor
from opsconductor.stages.e_execute.journal import StepJournalWriter
from opsconductor.stages.e_execute.probing import Prober
from opsconductor.stages.e_execute.recovery import Recovery

if TYPE_CHECKING:
    from opsconductor.lab import LabHost

IMPORTERS = ("ansible", "csv", "netbox")
LAB_KEY = "lab-ssh-key"


@dataclass(frozen=True, kw_only=True)
class Overrides:
    """Engines that tests and extensions pass in place of the usual ones; None keeps the usual."""

    clock: Clock | None = None
    ids: Ids | None = None
    failpoints: Failpoints | None = None
    wording: Wording | None = None
    rerankers: LaneRerankers | None = None
    lanes: Callable[[Lanes], Lanes] | None = None  # given the usual lanes
    connectors: Callable[[Mapping[str, Connector]], Mapping[str, Connector]] | None = None
    storage: Callable[[Storage], Storage] | None = None


@dataclass(frozen=True, kw_only=True)
class FirstStart:
    """What a new home was given; the approver's token is shown once and stored only as a hash."""

    requester: str
    approver: str
    approver_token: str


@dataclass(frozen=True, kw_only=True)
class Engine:
    """One open engine, as the doors use it."""

    settings: Settings
    home_id: str
    phases: Phases
    recovery: Recovery
    outbox: OutboxRunner
    storage: Storage
    asset_store: AssetStore
    inventory: Inventory
    catalogues: Catalogues
    authorizer: Authorizer
    clock: Clock
    ids: Ids
    processes: Processes
    first_start: FirstStart | None
    asset_service_url: str
    lab_hosts: tuple["LabHost", ...] = ()

    async def take_turn(self, turn: TurnInput, observer: PhaseObserver | None = None) -> TurnReply:
        """Carry one turn the whole way. Raises before acceptance, and `store.*` when the end cannot be stored."""
        return await run_turn(turn, self.phases, ClockTurnTrace(self.clock, observer))

    async def recover(self) -> tuple[TurnReply, ...]:
        """Close every turn that a dead process left open, each told by its journal; the replies, oldest first."""
        told = []
        for accepted in await self.storage.open_turns():
            if self.processes.is_alive(accepted.owner):
                continue
            identity = await self.storage.identity_by_id(accepted.tenant, accepted.identity_id)
            if identity is None:
                continue
            trace = ClockTurnTrace(self.clock)
            told.append(await close_interrupted(accepted, identity, self.phases, self.recovery, self.storage, trace))
        return tuple(told)


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
        first_start = await _first_start(storage, settings.tenant, clock, ids)
        if first_start is not None:
            await _put(asset_store, settings.tenant, "seed", seed_assets(settings.tenant), retire_missing=False)
        hosts = await _lab(stack, settings, asset_store, lab)
        home_id = _home_id(settings)
        tokens = _ServiceTokens()
        service = AssetService(asset_store, tokens.tenant_of, home_id)
        running = await stack.enter_async_context(running_service(service, host=settings.host, port=asset_service_port))
        inventory = await stack.enter_async_context(open_inventory(lambda: running.base_url, tokens.of_tenant, home_id))
        http = await stack.enter_async_context(
            open_http_connector(
                {"asset_service": ServiceAddress(base_url=lambda: running.base_url, token=tokens.of_tenant)},
                _known_addresses(inventory),
            )
        )
        wiring = _Wiring(
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
            first_start=first_start,
            asset_service_url=running.base_url,
            lab_hosts=hosts,
        )


class _ServiceTokens:
    """Bearer tokens between this process and its own asset service: random, per tenant, never stored."""

    def __init__(self) -> None:
        self._tokens: dict[str, str] = {}
        self._tenants: dict[str, str] = {}

    def of_tenant(self, tenant: str) -> str:
        """The token that speaks for `tenant`."""
        if tenant not in self._tokens:
            self._tokens[tenant] = secrets.token_urlsafe(32)
            self._tenants[self._tokens[tenant]] = tenant
        return self._tokens[tenant]

    def tenant_of(self, token: str) -> str | None:
        """Whose token that is."""
        return self._tenants.get(token)


@dataclass(frozen=True, kw_only=True)
class _Wiring:
    """What the phases are made from."""

    settings: Settings
    chosen: Overrides
    clock: Clock
    ids: Ids
    processes: Processes
    storage: Storage
    inventory: Inventory
    http: Connector
    faults: FaultReporter

    async def phases(self, stack: AsyncExitStack) -> tuple[Phases, Recovery, Catalogues, Authorizer]:
        """The eleven phases with their stages, and recovery over the same parts."""
        expressions, schemas, authorizer = open_expressions(), JsonSchemas(), CedarAuthorizer()
        cache = self.settings.home / "cache"
        catalogues = open_catalogues(self.settings.pack, schemas, expressions, cache, self.clock)
        embedder = await stack.enter_async_context(open_embedder())
        lanes = await stack.enter_async_context(open_lanes(embedder, self.storage, cache))
        models = await stack.enter_async_context(open_intent_models(embedder, cache))
        approvals = ApprovalManager(self.storage, self.inventory, authorizer, self.processes, self.clock, self.ids)
        connectors = self._connectors()
        prober = Prober(connectors, expressions, self.clock)
        journal = StepJournalWriter(self.storage, self.clock)
        failpoints = self.chosen.failpoints or NoFailpoints()
        steps = ExecutionEngine(connectors, self.inventory, expressions, journal, prober, self.clock, failpoints)
        executor = Executor(steps, self.storage, self.clock)
        memory = InProcessSessionMemory()
        phases = Phases(
            identify=Identify(self.storage, catalogues, memory, self.processes, self.clock, self.ids),
            sense=Sense(self.inventory, self.clock),
            update_customer=UpdateCustomer(self.inventory, self.clock),
            retrieve=Retrieve(
                embedder,
                self.chosen.lanes(lanes) if self.chosen.lanes else lanes,
                self.chosen.rerankers or LaneRerankers(),
            ),
            select_rules=SelectRules(expressions),
            orchestrate=Orchestrate(self.ids),
            execute_tools=ExecuteTools(
                Classify(models, self.ids),
                Select(self.ids, schemas, self.inventory),
                Plan(self.inventory),
                Gate(authorizer, expressions),
                approvals,
                executor,
                self.faults,
            ),
            plan_response=PlanResponse(expressions),
            generate=Generate(Answer(), self.chosen.wording),
            enforce=Enforce(expressions),
            persist=Persist(self.storage, memory, self.processes, self.clock, self.ids),
            faults=self.faults,
        )
        recovery = Recovery(self.storage, self.inventory, prober, journal, executor, self.clock)
        return phases, recovery, catalogues, authorizer

    def _connectors(self) -> Mapping[str, Connector]:
        keys = self.settings.home / "keys"
        vault = FileSecrets(keys, {LAB_KEY: self.settings.home / "lab" / "keys" / "client"})
        usual: Mapping[str, Connector] = {
            "http": self.http,
            "ssh": SshConnector(vault),
            "network": NetworkConnector(),
        }
        return self.chosen.connectors(usual) if self.chosen.connectors else usual


async def _first_start(storage: Storage, tenant: str, clock: Clock, ids: Ids) -> FirstStart | None:
    """Give a new home its two identities; None when it has some already, or another process was faster."""
    if await storage.identities(tenant):
        return None
    now = timestamp(clock.now())
    requester = Identity(
        identity_id=ids.new("idn"),
        tenant=tenant,
        name="requester",
        roles=frozenset({Role.REQUESTER, Role.ADMIN}),
        os_uid=os.getuid(),
    )
    approver = Identity(identity_id=ids.new("idn"), tenant=tenant, name="approver", roles=frozenset({Role.APPROVER}))
    secret = new_token()
    unit = storage.begin()
    unit.add_identity(requester)
    unit.add_identity(approver)
    unit.add_token(
        Token(
            token_id=ids.new("tok"),
            identity_id=approver.identity_id,
            kind="bearer",
            label="first start",
            token_hash=token_hash(secret),
            created_at=now,
        )
    )
    try:
        await unit.commit()
    except Conflict:
        return None
    return FirstStart(requester=requester.name, approver=approver.name, approver_token=secret)


async def _put(store: AssetStore, tenant: str, source: str, assets: tuple[Asset, ...], *, retire_missing: bool) -> None:
    await store.put_assets(tenant, source, assets, retire_missing=retire_missing, dry_run=False, actor="system")


async def _lab(
    stack: AsyncExitStack, settings: Settings, store: AssetStore, wanted: bool | None
) -> tuple["LabHost", ...]:
    """Start the lab and register its hosts, or retire them."""
    if wanted is None:
        return ()
    if not wanted:
        await _put(store, settings.tenant, "lab", (), retire_missing=True)
        return ()
    from opsconductor.lab import Lab  # asyncssh's server side: only who wants a lab pays for it

    lab = await stack.enter_async_context(Lab(settings.home / "lab"))
    await _put(store, settings.tenant, "lab", assets_from_lab(lab.assets(), settings.tenant), retire_missing=True)
    return tuple(lab.hosts)


def to_json(value: object) -> Json:
    """A domain value, or a tuple or mapping of them, as plain JSON data for a door."""
    return dump(value)


def fault_log(settings: Settings) -> FaultReporter:
    """Where a door writes down what broke outside any turn."""
    return FaultLog(settings.home / "logs", SystemClock(), Uuid7Ids())


def open_importer(settings: Settings, kind: str) -> AssetImporter:
    """The importer of that kind, loaded when it is wanted. Raises `request.invalid` for a kind that there is not."""
    if kind not in IMPORTERS:
        raise BadInput("request.invalid", f"There is no import from {kind!r}; there is {', '.join(IMPORTERS)}.")
    module = import_module(f"opsconductor.adapters.asset_import.{kind}")
    importer: AssetImporter = module.open_importer(FileSecrets(settings.home / "keys"))
    return importer


def _home_id(settings: Settings) -> str:
    """Names this home without telling its path."""
    return hashlib.sha256(str(settings.database).encode()).hexdigest()[:16]


def _known_addresses(inventory: Inventory) -> Callable[[str, str], Awaitable[bool]]:
    async def known(tenant: str, address: str) -> bool:
        mentions = await inventory.resolve(tenant, (address,))
        return any(match.exact for mention in mentions for match in mention.matches)

    return known
