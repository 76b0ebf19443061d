"""P1 identify: who asks, in which session, and everything the turn needs to know before it listens.

reads: identity, tenant settings, catalogue, session, customer data
writes: the accepted request and the session lock, in one commit
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from opsconductor.domain.audit import AuditEntry
from opsconductor.domain.catalogue import Catalogue
from opsconductor.domain.customer import CustomerDataField, MaskedField, SchemaMask, VariableEntry
from opsconductor.domain.errors import Conflict, NotFound, Refused, Unavailable, bare
from opsconductor.domain.json_value import Json
from opsconductor.domain.message_text import check_message
from opsconductor.domain.turn import AcceptedTurn, Configured, Session, Trigger, TurnContext, TurnInput
from opsconductor.ports.canonical import digest
from opsconductor.ports.catalogue import Catalogues
from opsconductor.ports.clock import Clock, timestamp
from opsconductor.ports.ids import Ids
from opsconductor.ports.processes import Processes
from opsconductor.ports.session_memory import SessionMemory
from opsconductor.ports.storage import IdempotencyRow, Storage, UnitOfWork
from opsconductor.ports.telemetry import TurnTrace

CODE_DEFAULTS: Mapping[str, Json] = {
    "act_confidence": 0.7,
    "info_confidence": 0.5,
    "clarify_rounds": 2,
    "max_targets": 200,
}
SESSION_LEASE_S = 30.0
RENEW_EVERY_S = 10.0
LOCK_POLL_S = 0.02


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
        self._prepared: _Prepared | None = None  # of the catalogue it last saw

    async def resume(self, turn: TurnInput, dead_owner: str, trace: TurnTrace) -> TurnContext:
        """The context of a turn that a dead process accepted: takes over its session's lock, accepts nothing."""
        catalogue = self._catalogues.current()
        tenant, customer_id = turn.identity.tenant, turn.customer or turn.identity.identity_id
        await self._wait_for_lock(turn, tenant, turn.session_id, f"{dead_owner}/{turn.turn_id}", patience_s=0.0)
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

    @asynccontextmanager
    async def holding_session(self, context: TurnContext) -> AsyncIterator[None]:
        """Keep the session's lock for as long as the block runs; a lost lock is P11's to notice, by its condition."""
        try:
            async with asyncio.TaskGroup() as group:
                renewal = group.create_task(self._renew(context))
                try:
                    yield
                finally:
                    renewal.cancel()
        except BaseExceptionGroup as wrapped:
            raise bare(wrapped) from None

    async def _renew(self, context: TurnContext) -> None:
        while True:
            await self._clock.sleep(RENEW_EVERY_S)
            unit = self._storage.begin()
            owner = self._lock_owner(context.input)
            unit.take_session(context.tenant, context.session.session_id, owner, SESSION_LEASE_S)
            with suppress(Unavailable):  # the store is away for a moment; the next renewal may still be in time
                try:
                    await unit.commit()
                except Conflict:
                    return

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

    def _prepared_for(self, catalogue: Catalogue) -> "_Prepared":
        if self._prepared is None or self._prepared.catalogue is not catalogue:
            self._prepared = _Prepared(catalogue)
        return self._prepared

    async def _enter_session(self, turn: TurnInput, tenant: str, customer_id: str, at: str) -> Session:
        session_id = turn.session_id or self._ids.new("sess")
        known = await self._storage.session(tenant, session_id) if turn.session_id else None
        if known is not None:
            _check_owner(turn, known)
        await self._accept(turn, tenant, session_id, at)
        session = await self._stored_session(turn, tenant, customer_id, session_id)
        try:
            _check_owner(turn, session)  # it may have become another person's while this turn waited for the lock
        except NotFound:
            unit = self._storage.begin()
            unit.release_session(tenant, session_id, self._lock_owner(turn))
            await unit.commit()
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

    async def _accept(self, turn: TurnInput, tenant: str, session_id: str, at: str) -> None:
        """One commit takes request, key and lock; a busy session first commits the request, then waits its turn."""
        unit = self._accepting(turn, tenant, session_id, at)
        unit.take_session(tenant, session_id, self._lock_owner(turn), SESSION_LEASE_S)
        try:
            await unit.commit()
            return
        except Conflict as busy:
            if busy.code != "session.busy":
                raise
        await self._accepting(turn, tenant, session_id, at).commit()
        await self._wait_for_lock(turn, tenant, session_id)

    async def _wait_for_lock(
        self, turn: TurnInput, tenant: str, session_id: str, instead_of: str = "", patience_s: float = SESSION_LEASE_S
    ) -> None:
        """Take the session's lock as soon as it is free. Raises `session.busy` when the patience is over."""
        deadline = self._clock.monotonic() + patience_s
        while True:
            lock = self._storage.begin()
            lock.take_session(tenant, session_id, self._lock_owner(turn), SESSION_LEASE_S, instead_of)
            try:
                await lock.commit()
                return
            except Conflict as busy:
                if busy.code != "session.busy" or self._clock.monotonic() >= deadline:
                    raise
            await self._clock.sleep(LOCK_POLL_S)

    def _accepting(self, turn: TurnInput, tenant: str, session_id: str, at: str) -> UnitOfWork:
        unit = self._storage.begin()
        unit.accept_turn(
            AcceptedTurn(
                turn_id=turn.turn_id,
                tenant=tenant,
                session_id=session_id,
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
                    tenant=tenant,
                    key=turn.idempotency_key,
                    body_hash=turn.body_hash,
                    turn_id=turn.turn_id,
                    created_at=at,
                )
            )
        unit.append_audit(
            AuditEntry(
                tenant=tenant,
                at=at,
                actor=turn.identity.identity_id,
                action="turn.accepted",
                subject=turn.turn_id,
                detail={"channel": turn.channel},
            )
        )
        return unit

    def _lock_owner(self, turn: TurnInput) -> str:
        return f"{self._processes.me}/{turn.turn_id}"

    async def _customer_data(
        self, tenant: str, customer_id: str, session_id: str, trace: TurnTrace
    ) -> Mapping[str, VariableEntry]:
        with trace.part("customer_data"):
            stored = await self._storage.customer_data(tenant, customer_id)
            return {**stored, **self._memory.recall(session_id)}

    async def _configuration(self, tenant: str, prepared: "_Prepared", trace: TurnTrace) -> "_Configuration":
        with trace.part("configuration"):
            return prepared.configuration(tenant, await self._storage.tenant_settings(tenant))


@dataclass(frozen=True, kw_only=True)
class _Configuration:
    """The settings of a tenant, with all layers."""

    values: Mapping[str, Configured]
    digest: str
    made_of: str  # the tenant's own layer as text, in which 1, 1.0 and True differ


class _Prepared:
    """What does not change from turn to turn for as long as the catalogue is the same."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self._declared = {**_layer("code", CODE_DEFAULTS), **_layer("pack", catalogue.agent.settings)}
        self._absent = {field.key: _masked(field, exists=False) for field in catalogue.customer_fields}
        self._existing = {field.key: _masked(field, exists=True) for field in catalogue.customer_fields}
        self._of_tenants: dict[str, _Configuration] = {}

    def mask(self, customer_data: Mapping[str, VariableEntry]) -> SchemaMask:
        """The fields of the customer, with what is known and without its values."""
        return {key: (self._existing if key in customer_data else self._absent)[key] for key in self._absent}

    def configuration(self, tenant: str, settings: Mapping[str, Json]) -> _Configuration:
        """Behaviour settings with the layer that set each: code < pack < tenant."""
        made_of = repr(settings)
        known = self._of_tenants.get(tenant)
        if known is None or known.made_of != made_of:
            values = {**self._declared, **_layer("tenant", settings)}
            known = _Configuration(values=values, digest=_digest(values), made_of=made_of)
            self._of_tenants[tenant] = known
        return known


def _layer(source: str, settings: Mapping[str, Json]) -> dict[str, Configured]:
    return {key: Configured(value=value, source=source) for key, value in settings.items()}


def _digest(configuration: Mapping[str, Configured]) -> str:
    """Fractional settings count as text, since floats are not hashed."""
    return digest({key: str(item.value) for key, item in configuration.items()})


def _masked(field: CustomerDataField, *, exists: bool) -> MaskedField:
    return MaskedField(scope=field.scope, type=field.type, exists=exists, examples=field.examples)


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
