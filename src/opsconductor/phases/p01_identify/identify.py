"""P1 identify: who asks, in which session, and everything the turn needs to know before it listens.

reads: identity, tenant settings, catalogue, session, customer data
writes: the accepted request and the session lock, in one commit
"""

import asyncio
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager, AbstractContextManager

from opsconductor.domain.audit import AuditEntry
from opsconductor.domain.catalogue import Catalogue
from opsconductor.domain.customer import VariableEntry
from opsconductor.domain.errors import Conflict, NotFound, Refused, bare
from opsconductor.domain.message_text import check_message
from opsconductor.domain.turn import AcceptedTurn, Session, Trigger, TurnContext, TurnInput
from opsconductor.phases.p01_identify.prepared import Configuration, Prepared
from opsconductor.phases.p01_identify.session_locks import SessionLock, SessionLocks
from opsconductor.ports.catalogue import Catalogues
from opsconductor.ports.clock import Clock, timestamp
from opsconductor.ports.ids import Ids
from opsconductor.ports.processes import Processes
from opsconductor.ports.session_memory import SessionMemory
from opsconductor.ports.storage import IdempotencyRow, Storage, UnitOfWork
from opsconductor.ports.telemetry import TurnTrace


class Identify:
    """Loads in order tenant → agent → customer → session, then customer data beside configuration and glossary."""

    def __init__(
        self,
        storage: Storage,
        catalogues: Catalogues,
        memory: SessionMemory,
        processes: Processes,
        clock: Clock,
        ids: Ids,
    ) -> None:
        self._storage = storage
        self._catalogues = catalogues
        self._memory = memory
        self._processes = processes
        self._clock = clock
        self._ids = ids
        self._locks = SessionLocks(storage, processes, clock)
        self._prepared: Prepared | None = None  # of the catalogue it last saw

    async def resume(self, turn: TurnInput, trace: TurnTrace) -> TurnContext:
        """The context of a turn that a dead process accepted: takes over its session's lock, accepts nothing."""
        catalogue = self._catalogues.current()
        tenant, customer_id = turn.identity.tenant, turn.customer or turn.identity.identity_id
        await self._locks.take_over(self._locks.of(tenant, turn.session_id, turn.turn_id))
        session = await self._stored_session(turn, tenant, customer_id, turn.session_id)
        return await self._load(turn, tenant, catalogue, session, timestamp(self._clock.now()), trace)

    async def run(self, turn: TurnInput, trace: TurnTrace) -> TurnContext:
        """Accept the turn durably and load its context.

        Raises `request.*`, `identity.*`, `session.*` before anything is accepted, `store.*` when it cannot be.
        """
        started_at = timestamp(self._clock.now())
        with trace.part("tenant"):
            tenant = _tenant(turn)
        with trace.part("agent"):
            catalogue = self._catalogues.current()
            _check_agent(turn, catalogue)
        with trace.part("customer"):
            customer_id = turn.customer or turn.identity.identity_id
        with trace.part("session"):
            session = await self._enter_session(turn, tenant, customer_id, started_at)
        return await self._load(turn, tenant, catalogue, session, started_at, trace)

    def holding_session(self, context: TurnContext) -> AbstractContextManager[None]:
        """Keep the session's lock for as long as the block runs; a lost lock is P11's to notice, by its condition."""
        return self._locks.holding(self._locks.of(context.tenant, context.session.session_id, context.input.turn_id))

    def renewing_sessions(self) -> AbstractAsyncContextManager[None]:
        """Renew the locks of the sessions that are held, for as long as the block runs."""
        return self._locks.renewing()

    async def _load(
        self,
        turn: TurnInput,
        tenant: str,
        catalogue: Catalogue,
        session: Session,
        started_at: str,
        trace: TurnTrace,
    ) -> TurnContext:
        """P1.5 beside P1.6: customer data and configuration do not wait for each other."""
        prepared = self._prepared_for(catalogue)
        try:
            async with asyncio.TaskGroup() as group:
                data = group.create_task(self._customer_data(tenant, session.customer_id, session.session_id, trace))
                settings = group.create_task(self._configuration(tenant, prepared, trace))
        except BaseExceptionGroup as wrapped:
            raise bare(wrapped) from None
        customer_data, configuration = data.result(), settings.result()
        return TurnContext(
            input=turn,
            tenant=tenant,
            session=session,
            customer_data=customer_data,
            fields=catalogue.customer_fields,
            mask=prepared.mask(customer_data),
            glossary=catalogue.glossary,
            configuration=configuration.values,
            configuration_digest=configuration.digest,
            catalogue=catalogue,
            started_at=started_at,
        )

    def _prepared_for(self, catalogue: Catalogue) -> Prepared:
        if self._prepared is None or self._prepared.catalogue is not catalogue:
            self._prepared = Prepared(catalogue)
        return self._prepared

    async def _enter_session(self, turn: TurnInput, tenant: str, customer_id: str, at: str) -> Session:
        session_id = turn.session_id or self._ids.new("sess")
        known = await self._storage.session(tenant, session_id) if turn.session_id else None
        if known is not None:
            _check_owner(turn, known)
        lock = self._locks.of(tenant, session_id, turn.turn_id)
        await self._accept(turn, lock, at)
        session = await self._stored_session(turn, tenant, customer_id, session_id)
        try:
            _check_owner(turn, session)  # it may have become another person's while this turn waited for the lock
        except NotFound:
            await self._locks.release(lock)
            raise
        return session

    async def _stored_session(self, turn: TurnInput, tenant: str, customer_id: str, session_id: str) -> Session:
        stored = await self._storage.session(tenant, session_id)
        return stored or Session(
            session_id=session_id,
            tenant=tenant,
            agent=turn.agent,
            customer_id=customer_id,
            identity_id=turn.identity.identity_id,
        )

    async def _accept(self, turn: TurnInput, lock: SessionLock, at: str) -> None:
        """One commit takes request, key and lock; a busy session first commits the request, then waits its turn."""
        unit = self._accepting(turn, lock, at)
        self._locks.take(lock, unit)
        try:
            await unit.commit()
            return
        except Conflict as busy:
            if busy.code != "session.busy":
                raise
        await self._accepting(turn, lock, at).commit()
        await self._locks.wait_for(lock)

    def _accepting(self, turn: TurnInput, lock: SessionLock, at: str) -> UnitOfWork:
        unit = self._storage.begin()
        unit.accept_turn(
            AcceptedTurn(
                turn_id=turn.turn_id,
                tenant=lock.tenant,
                session_id=lock.session_id,
                turn_group=turn.turn_group or turn.turn_id,
                identity_id=turn.identity.identity_id,
                channel=turn.channel,
                trigger=turn.trigger,
                message=turn.message,
                approval_id=turn.approval.approval_id if turn.approval else "",
                received_at=turn.received_at or at,
                owner=self._processes.me,
            )
        )
        if turn.idempotency_key:
            unit.remember_key(
                IdempotencyRow(
                    tenant=lock.tenant,
                    key=turn.idempotency_key,
                    body_hash=turn.body_hash,
                    turn_id=turn.turn_id,
                    created_at=at,
                )
            )
        unit.append_audit(
            AuditEntry(
                tenant=lock.tenant,
                at=at,
                actor=turn.identity.identity_id,
                action="turn.accepted",
                subject=turn.turn_id,
                detail={"channel": turn.channel},
            )
        )
        return unit

    async def _customer_data(
        self, tenant: str, customer_id: str, session_id: str, trace: TurnTrace
    ) -> Mapping[str, VariableEntry]:
        with trace.part("customer_data"):
            stored = await self._storage.customer_data(tenant, customer_id)
            return {**stored, **self._memory.recall(session_id)}

    async def _configuration(self, tenant: str, prepared: Prepared, trace: TurnTrace) -> Configuration:
        with trace.part("configuration"):
            return prepared.configuration(tenant, await self._storage.tenant_settings(tenant))


def _tenant(turn: TurnInput) -> str:
    if turn.identity.disabled:
        raise Refused("identity.unknown", f"The identity {turn.identity.name} is disabled.")
    if turn.trigger is Trigger.MESSAGE:
        check_message(turn.message)
    return turn.identity.tenant


def _check_owner(turn: TurnInput, session: Session) -> None:
    """A message belongs to a session of its sender; an approver answers in the requester's."""
    if turn.trigger is Trigger.MESSAGE and session.identity_id != turn.identity.identity_id:
        raise NotFound("session.not_found", "There is no such session of yours.")


def _check_agent(turn: TurnInput, catalogue: Catalogue) -> None:
    if turn.agent != catalogue.agent.agent_id:
        raise NotFound("request.not_found", f"There is no agent {turn.agent!r} here; use {catalogue.agent.agent_id}.")
