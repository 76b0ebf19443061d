"""What bootstrap opens: an Engine for the doors, and what tests and extensions may put in place of the usual."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from opsconductor.adapters.telemetry.turn_trace import ClockTurnTrace, PhaseObserver
from opsconductor.after_turn import OutboxRunner
from opsconductor.after_turn.anchor_audit import AnchorAudit
from opsconductor.domain.errors import OpsConductorError
from opsconductor.domain.execution import Closing, Execution
from opsconductor.domain.turn import AcceptedTurn, TurnInput, TurnReply
from opsconductor.phases.p08_plan_response import STATUS_KINDS
from opsconductor.pipeline import Phases, close_interrupted, run_turn
from opsconductor.ports.asset_store import AssetStore
from opsconductor.ports.authorizer import Authorizer
from opsconductor.ports.catalogue import Catalogues
from opsconductor.ports.clock import Clock
from opsconductor.ports.connector import Connector
from opsconductor.ports.embedder import Embedder
from opsconductor.ports.failpoints import Failpoints
from opsconductor.ports.ids import Ids
from opsconductor.ports.intent_model import IntentModels
from opsconductor.ports.inventory import Inventory
from opsconductor.ports.lanes import LaneRerankers, Lanes
from opsconductor.ports.llm import Wording
from opsconductor.ports.processes import Processes
from opsconductor.ports.storage import Storage
from opsconductor.settings import Settings
from opsconductor.stages.e_execute.orphans import Orphans
from opsconductor.stages.e_execute.recovery import Recovery

if TYPE_CHECKING:
    from opsconductor.lab import LabHost


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
    storage: Callable[[Storage], Storage] | None = None  # given the usual storage
    embedder: Embedder | None = None
    intent_models: IntentModels | None = None
    inventory: Inventory | None = None
    store_now_ms: Callable[[], int] | None = None  # the store's clock: milliseconds since 1970


@dataclass(frozen=True, kw_only=True)
class FirstStart:
    """What a new home was given; the approver's token is shown once and stored only as a hash."""

    requester: str
    approver: str
    approver_token: str


@dataclass(frozen=True, kw_only=True)
class OwnService:
    """The asset service this process runs for itself and for others."""

    base_url: str
    stop: Callable[[], Awaitable[None]]  # it takes no more requests; the engine stays open


@dataclass(frozen=True, kw_only=True)
class Engine:
    """One open engine, as the doors use it."""

    settings: Settings
    home_id: str
    phases: Phases
    recovery: Recovery
    orphans: Orphans
    outbox: OutboxRunner
    anchor: AnchorAudit
    storage: Storage
    asset_store: AssetStore
    inventory: Inventory
    catalogues: Catalogues
    authorizer: Authorizer
    clock: Clock
    ids: Ids
    processes: Processes
    first_start: FirstStart | None
    asset_service: OwnService
    lab_hosts: tuple["LabHost", ...] = ()
    under_way: set[str] = field(default_factory=set)  # turns this process works on right now

    async def take_turn(self, turn: TurnInput, observer: PhaseObserver | None = None) -> TurnReply:
        """Carry one turn the whole way. Raises before acceptance, and `store.*` when the end cannot be stored."""
        self.under_way.add(turn.turn_id)
        try:
            return await run_turn(turn, self.phases, ClockTurnTrace(self.clock, observer))
        finally:
            self.under_way.discard(turn.turn_id)

    async def recover(self) -> tuple[TurnReply, ...]:
        """Close every turn that broke off, each told by its journal; the replies, oldest first.

        A turn has broken off when its process is dead, or when this process accepted it and no longer works on it.
        One that cannot be closed now is left for the next call, and stops no other.
        """
        told = []
        for accepted in await self.storage.open_turns():
            if not self._broke_off(accepted):
                continue
            self.under_way.add(accepted.turn_id)
            try:
                reply = await self._close(accepted)
            except OpsConductorError:
                continue  # another process was faster, its session is busy, or the store is away
            except Exception as fault:  # round a job: one turn that cannot be closed must not keep the others open
                self.phases.faults.report(fault, accepted.turn_id)
                continue
            finally:
                self.under_way.discard(accepted.turn_id)
            if reply is not None:
                told.append(reply)
        for execution, closing in await self.orphans.settle(self.catalogues.current()):
            told.append(_of_orphan(execution, closing))
        return tuple(told)

    def _broke_off(self, accepted: AcceptedTurn) -> bool:
        if accepted.turn_id in self.under_way:
            return False
        return accepted.owner == self.processes.me or not self.processes.is_alive(accepted.owner)

    async def _close(self, accepted: AcceptedTurn) -> TurnReply | None:
        identity = await self.storage.identity_by_id(accepted.tenant, accepted.identity_id)
        if identity is None:
            return None
        trace = ClockTurnTrace(self.clock)
        return await close_interrupted(accepted, identity, self.phases, self.recovery, self.storage, trace)


def _of_orphan(execution: Execution, closing: Closing) -> TurnReply:
    """What is told of an execution whose own turn is long closed."""
    status = closing.result.status
    return TurnReply(
        turn_id=execution.turn_id,
        session_id=execution.session_id,
        kind=STATUS_KINDS[status],
        message=f"{execution.request}: {status.value} ({closing.result.summary}).",
        plan=execution.plan,
        execution=closing.result,
    )
