"""The storage engine that ships: one SQLite file in the home."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from opsconductor.adapters.storage.sqlite import (
    after_reply,
    approvals,
    audit_chain,
    executions,
    identities,
    journal,
    leases,
    schema,
    sessions,
    turns,
)
from opsconductor.adapters.storage.sqlite.connection import NowMs
from opsconductor.adapters.storage.sqlite.database import BUSY_MS, SqliteDatabase, open_database, system_now_ms
from opsconductor.adapters.storage.sqlite.unit_of_work import SqliteUnitOfWork
from opsconductor.domain.approvals import Approval, ApprovalState
from opsconductor.domain.audit import ChainedAudit
from opsconductor.domain.customer import VariableEntry
from opsconductor.domain.execution import Execution, ExecutionMove, StepIntent
from opsconductor.domain.identity import Identity, Token
from opsconductor.domain.json_value import Json
from opsconductor.domain.knowledge import Memory
from opsconductor.domain.outbox import OutboxMessage
from opsconductor.domain.turn import AcceptedTurn, Session, TurnRecord
from opsconductor.ports.audit import AuditSeal
from opsconductor.ports.storage import IdempotencyRow, StepJournal

_MANY = 20
"""Reads of more rows than this leave the event loop's thread."""


class SqliteStorage:
    """See the port. Reads of a few rows cost less than a change of thread, so they are done at once."""

    def __init__(self, database: SqliteDatabase) -> None:
        """Over an open database, which its opener closes."""
        self._database = database

    def begin(self) -> SqliteUnitOfWork:
        """See the port."""
        return SqliteUnitOfWork(self._database)

    async def session(self, tenant: str, session_id: str) -> Session | None:
        """See the port."""
        return await self._database.read(partial(sessions.session, tenant=tenant, session_id=session_id))

    async def latest_session(self, tenant: str, identity_id: str) -> Session | None:
        """See the port."""
        return await self._database.read(partial(sessions.latest_session, tenant=tenant, identity_id=identity_id))

    async def customer_data(self, tenant: str, customer_id: str) -> Mapping[str, VariableEntry]:
        """See the port."""
        return await self._database.read(partial(sessions.customer_data, tenant=tenant, customer_id=customer_id))

    async def tenant_settings(self, tenant: str) -> Mapping[str, Json]:
        """See the port."""
        return await self._database.read(partial(identities.settings, tenant=tenant))

    async def turn_record(self, tenant: str, turn_id: str) -> TurnRecord | None:
        """See the port."""
        return await self._database.read(partial(turns.record, tenant=tenant, turn_id=turn_id))

    async def turns(self, tenant: str, *, session_id: str = "", limit: int = 50) -> tuple[TurnRecord, ...]:
        """See the port."""
        work = partial(turns.records, tenant=tenant, session_id=session_id, limit=limit)
        return await (self._database.read_aside(work) if limit > _MANY else self._database.read(work))

    async def record_digests(self, tenant: str, *, limit: int, before: str = "") -> tuple[tuple[str, str], ...]:
        """See the port."""
        return await self._database.read_aside(partial(turns.record_digests, tenant=tenant, limit=limit, before=before))

    async def accepted_turn(self, tenant: str, turn_id: str) -> AcceptedTurn | None:
        """See the port."""
        return await self._database.read(partial(turns.accepted, tenant=tenant, turn_id=turn_id))

    async def open_turns(self) -> tuple[AcceptedTurn, ...]:
        """See the port."""
        return await self._database.read(turns.open_turns)

    async def idempotency(self, tenant: str, key: str) -> IdempotencyRow | None:
        """See the port."""
        return await self._database.read(partial(turns.idempotency, tenant=tenant, key=key))

    async def execution(self, tenant: str, execution_id: str) -> Execution | None:
        """See the port."""
        return await self._database.read(partial(executions.execution, tenant=tenant, execution_id=execution_id))

    async def executions(self, tenant: str, *, limit: int = 50, before: str = "") -> tuple[Execution, ...]:
        """See the port."""
        work = partial(executions.executions, tenant=tenant, limit=limit, before=before)
        return await (self._database.read_aside(work) if limit > _MANY else self._database.read(work))

    async def running_executions(self) -> tuple[Execution, ...]:
        """See the port."""
        return await self._database.read(executions.running)

    async def abandoned_executions(self) -> tuple[Execution, ...]:
        """See the port."""
        return await self._database.read(executions.abandoned)

    async def unknown_executions_due(self, limit: int) -> tuple[Execution, ...]:
        """See the port."""
        return await self._database.read(partial(executions.to_look_at, limit=limit))

    async def open_execution(self, tenant: str, tool_key: str) -> Execution | None:
        """See the port."""
        return await self._database.read(partial(executions.open_execution, tenant=tenant, tool_key=tool_key))

    async def executions_of_group(self, tenant: str, turn_group: str) -> tuple[Execution, ...]:
        """See the port."""
        return await self._database.read(partial(executions.of_group, tenant=tenant, turn_group=turn_group))

    async def output(self, tenant: str, output_ref: str) -> bytes | None:
        """See the port."""
        return await self._database.read_aside(partial(journal.output, tenant=tenant, output_ref=output_ref))

    async def target_holder(self, tenant: str, target_id: str) -> str | None:
        """See the port."""
        return await self._database.read(partial(leases.target_holder, tenant=tenant, target_id=target_id))

    async def moves(self, tenant: str, execution_id: str) -> tuple[ExecutionMove, ...]:
        """See the port."""
        return await self._database.read(partial(executions.moves, tenant=tenant, execution_id=execution_id))

    async def journal(self, tenant: str, execution_id: str) -> tuple[StepJournal, ...]:
        """See the port."""
        return await self._database.read(partial(journal.journal, tenant=tenant, execution_id=execution_id))

    async def later_changes(self, tenant: str, target_id: str, execution_id: str) -> tuple[StepIntent, ...]:
        """See the port."""
        return await self._database.read(
            partial(journal.later_changes, tenant=tenant, target_id=target_id, execution_id=execution_id)
        )

    async def approval(self, tenant: str, approval_id: str) -> Approval | None:
        """See the port."""
        return await self._database.read(partial(approvals.approval, tenant=tenant, approval_id=approval_id))

    async def approvals(
        self, tenant: str, *, state: ApprovalState | None = None, limit: int = 50
    ) -> tuple[Approval, ...]:
        """See the port."""
        work = partial(approvals.approvals, tenant=tenant, state=state, limit=limit)
        return await (self._database.read_aside(work) if limit > _MANY else self._database.read(work))

    async def approvals_of(self, tenant: str, execution_id: str) -> tuple[Approval, ...]:
        """See the port."""
        return await self._database.read(partial(approvals.of_execution, tenant=tenant, execution_id=execution_id))

    async def reviews_due(self, tenant: str) -> tuple[Approval, ...]:
        """See the port."""
        return await self._database.read(partial(approvals.reviews_due, tenant=tenant))

    async def identity(self, tenant: str, name: str) -> Identity | None:
        """See the port."""
        return await self._database.read(partial(identities.by_name, tenant=tenant, name=name))

    async def identity_by_id(self, tenant: str, identity_id: str) -> Identity | None:
        """See the port."""
        return await self._database.read(partial(identities.by_id, tenant=tenant, identity_id=identity_id))

    async def identity_of_user(self, os_uid: int) -> Identity | None:
        """See the port."""
        return await self._database.read(partial(identities.by_user, os_uid=os_uid))

    async def identity_of_token(self, token_hash: str) -> tuple[Identity, Token] | None:
        """See the port."""
        return await self._database.read(partial(identities.by_token, token_hash=token_hash))

    async def identities(self, tenant: str) -> tuple[Identity, ...]:
        """See the port."""
        return await self._database.read(partial(identities.of_tenant, tenant=tenant))

    async def tokens(self, tenant: str) -> tuple[Token, ...]:
        """See the port."""
        return await self._database.read(partial(identities.tokens, tenant=tenant))

    async def memories(self, tenant: str, entities: tuple[str, ...], limit: int) -> tuple[Memory, ...]:
        """See the port."""
        return await self._database.read(partial(after_reply.memories, tenant=tenant, entities=entities, limit=limit))

    async def outbox_due(self, limit: int) -> tuple[OutboxMessage, ...]:
        """See the port."""
        return await self._database.read(partial(after_reply.due, limit=limit))

    async def counts(self, tenant: str) -> Mapping[str, int]:
        """See the port."""
        return await self._database.read(partial(after_reply.counts, tenant=tenant))

    async def audit(self, tenant: str, *, after: int = 0, limit: int = 1000) -> tuple[ChainedAudit, ...]:
        """See the port."""
        work = partial(audit_chain.read, tenant=tenant, after=after, limit=limit)
        return await (self._database.read_aside(work) if limit > _MANY else self._database.read(work))

    async def audit_head(self, tenant: str) -> tuple[int, str]:
        """See the port."""
        return await self._database.read(partial(audit_chain.head, tenant=tenant))

    async def tenants(self) -> tuple[str, ...]:
        """See the port."""
        return await self._database.read(audit_chain.tenants)

    async def schema_version(self) -> int:
        """See the port."""
        return await self._database.read(schema.current_version)


@asynccontextmanager
async def open_storage(
    path: Path, seal: AuditSeal, now_ms: NowMs = system_now_ms, *, busy_ms: int = BUSY_MS
) -> AsyncIterator[SqliteStorage]:
    """The storage in the file at `path`; see `open_database`, which is for those who put more than one engine on it."""
    async with open_database(path, seal, now_ms, busy_ms=busy_ms) as database:
        yield SqliteStorage(database)
