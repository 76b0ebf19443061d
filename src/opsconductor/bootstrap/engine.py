"""What bootstrap opens: an Engine for the doors, and what tests and extensions may put in place of the usual."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from opsconductor.adapters.telemetry.turn_trace import ClockTurnTrace, PhaseObserver
from opsconductor.after_turn import OutboxRunner
from opsconductor.after_turn.anchor_audit import AnchorAudit
from opsconductor.domain.errors import OpsConductorError
from opsconductor.domain.execution import Execution, ExecutionResultV1
from opsconductor.domain.turn import AcceptedTurn, TurnInput, TurnReply
from opsconductor.phases.p07_execute_tools.explain_call import ExplainCall
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
from opsconductor.stages.e_execute.settling.orphans import Orphans
from opsconductor.stages.e_execute.settling.overdue import Overdue
from opsconductor.stages.e_execute.settling.recovery import Recovery
from opsconductor.stages.e_execute.settling.second_look import SecondLook
from opsconductor.stages.e_execute.steps.dry_run import DryRun

if TYPE_CHECKING:
    from opsconductor.lab import LabHost

SESSIONS_AT_ONCE = 8
"""Whose broken turns are closed at the same time."""


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
    explain_call: ExplainCall
    dry_run: DryRun
    recovery: Recovery
    orphans: Orphans
    second_look: SecondLook
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
        """Close every turn that broke off, each told by its journal, then every run that nobody works on, and look
        again at what was left unknown; the replies, oldest first. What waited too long for approval is closed too.

        A turn has broken off when its process is dead, or when this process accepted it and no longer works on it.
        One that cannot be closed now is left for the next call, and stops no other.
        """
        sessions: dict[str, list[AcceptedTurn]] = {}
        for accepted in await self.storage.open_turns():
            if self._broke_off(accepted):
                sessions.setdefault(accepted.session_id, []).append(accepted)
                self.under_way.add(accepted.turn_id)
        places = asyncio.Semaphore(SESSIONS_AT_ONCE)
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._close_turns(turns, places)) for turns in sessions.values()]
        closed = {reply.turn_id: reply for task in tasks for reply in task.result()}
        told = [closed[turn.turn_id] for turns in sessions.values() for turn in turns if turn.turn_id in closed]
        catalogue = self.catalogues.current()
        for execution, closing in await self.orphans.settle(catalogue):
            told.append(_settled(execution, closing.result))
        for execution in await self.second_look.settle_due(catalogue):
            if execution.result is not None:
                told.append(_settled(execution, execution.result))
        await Overdue(self.storage, self.clock).close_all()
        return tuple(told)

    async def _close_turns(self, turns: Sequence[AcceptedTurn], places: asyncio.Semaphore) -> list[TurnReply]:
        """The replies of a session's turns that could be closed, one after the other."""
        told = []
        for accepted in turns:
            try:
                async with places:
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
        return told

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


def _settled(execution: Execution, result: ExecutionResultV1) -> TurnReply:
    """What is told of an execution whose own turn is long closed."""
    return TurnReply(
        turn_id=execution.turn_id,
        session_id=execution.session_id,
        kind=STATUS_KINDS[result.status],
        message=f"{execution.request}: {result.status.value} ({result.summary}).",
        plan=execution.plan,
        execution=result,
    )
