"""A unit of work: changes collected in order, and done in one transaction."""

import sqlite3
from collections.abc import Mapping

from opsconductor.adapters.json_codec import dump_bytes
from opsconductor.adapters.record_digest import with_digest
from opsconductor.adapters.storage.sqlite import (
    after_reply,
    approvals,
    executions,
    identities,
    journal,
    leases,
    sessions,
    turns,
)
from opsconductor.adapters.storage.sqlite.changes import Change
from opsconductor.adapters.storage.sqlite.database import SqliteDatabase
from opsconductor.domain.approvals import Approval, ApprovalDecision, ApprovalState
from opsconductor.domain.audit import AuditEntry
from opsconductor.domain.customer import VariableEntry
from opsconductor.domain.execution import Execution, ExecutionMove, ExecutionResultV1, StepIntent, StepResult
from opsconductor.domain.identity import Identity, Token
from opsconductor.domain.json_value import Json
from opsconductor.domain.knowledge import Memory
from opsconductor.domain.outbox import OutboxMessage
from opsconductor.domain.plan import PlanV1
from opsconductor.domain.turn import AcceptedTurn, Session, TurnRecord
from opsconductor.ports.storage import IdempotencyRow


class SqliteUnitOfWork:
    """See the port. What is stored is prepared when a method is called; the writer only executes it."""

    def __init__(self, database: SqliteDatabase) -> None:
        """Empty."""
        self._database = database
        self._changes: list[Change] = []
        self._audit: list[AuditEntry] = []

    def accept_turn(self, turn: AcceptedTurn) -> None:
        """See the port."""
        self._changes.append(turns.accepting(turn))

    def remember_key(self, row: IdempotencyRow) -> None:
        """See the port."""
        self._changes.append(turns.remembering_key(row))

    def take_session(self, tenant: str, session_id: str, owner: str, lease_s: float, instead_of: str = "") -> None:
        """See the port."""
        self._changes.append(sessions.taking(tenant, session_id, owner, lease_s, instead_of))

    def release_session(self, tenant: str, session_id: str, owner: str) -> None:
        """See the port."""
        self._changes.append(sessions.releasing(tenant, session_id, owner))

    def save_session(self, session: Session, expected_turn_count: int, owner: str) -> None:
        """See the port."""
        self._changes.append(sessions.saving(session, expected_turn_count, owner))

    def save_customer_data(self, tenant: str, customer_id: str, entries: tuple[VariableEntry, ...]) -> None:
        """See the port."""
        self._changes.append(sessions.keeping_customer_data(tenant, customer_id, entries))

    def finish_turn(self, record: TurnRecord, closing: AuditEntry | None = None) -> None:
        """See the port."""
        written = dump_bytes(record)
        self._changes.append(turns.finishing(record, written))
        if closing is not None:
            self._audit.append(with_digest(closing, written))

    def add_execution(self, execution: Execution) -> None:
        """See the port."""
        self._changes.append(executions.adding(execution))

    def move_execution(self, move: ExecutionMove, owner: str = "", claim: int | None = None) -> None:
        """See the port."""
        self._changes.append(executions.moving(move, owner, claim))

    def claim_execution(self, execution_id: str, owner: str, lease_s: float, expected_claim: int) -> None:
        """See the port."""
        self._changes.append(leases.claiming(execution_id, owner, lease_s, expected_claim))

    def renew_lease(self, execution_id: str, owner: str, claim: int, lease_s: float) -> None:
        """See the port."""
        self._changes.append(leases.renewing(execution_id, owner, claim, lease_s))

    def request_cancel(self, execution_id: str, actor: str) -> None:
        """See the port."""
        self._changes.append(leases.cancelling(execution_id, actor))

    def look_again(self, execution_id: str, after_s: float | None) -> None:
        """See the port."""
        self._changes.append(leases.looking_again(execution_id, after_s))

    def refreeze_execution(
        self, execution_id: str, plan: PlanV1, plan_hash: str, replaced_hash: str, tool_key: str
    ) -> None:
        """See the port."""
        self._changes.append(executions.refreezing(execution_id, plan, plan_hash, replaced_hash, tool_key))

    def lock_target(self, tenant: str, target_id: str, execution_id: str, lease_s: float) -> None:
        """See the port."""
        self._changes.append(leases.locking_target(tenant, target_id, execution_id, lease_s))

    def save_result(self, execution_id: str, result: ExecutionResultV1) -> None:
        """See the port."""
        self._changes.append(executions.saving_result(execution_id, result))

    def record_intent(self, intent: StepIntent) -> None:
        """See the port."""
        self._changes.append(journal.recording_intent(intent))

    def record_result(self, execution_id: str, result: StepResult, attempt: int, claim: int | None = None) -> None:
        """See the port."""
        self._changes.append(journal.recording_result(execution_id, result, attempt, claim))

    def settle_result(self, execution_id: str, result: StepResult, attempt: int) -> None:
        """See the port."""
        self._changes.append(journal.settling_result(execution_id, result, attempt))

    def keep_output(self, tenant: str, execution_id: str, output_ref: str, body: bytes) -> None:
        """See the port."""
        self._changes.append(journal.keeping_output(tenant, execution_id, output_ref, body))

    def add_approval(self, approval: Approval) -> None:
        """See the port."""
        self._changes.append(approvals.adding(approval))

    def decide_approval(
        self, approval_id: str, decision: ApprovalDecision, state: ApprovalState, expected_decisions: int | None = None
    ) -> None:
        """See the port."""
        self._changes.append(approvals.deciding(approval_id, decision, state, expected_decisions))

    def withdraw_approval(self, approval_id: str) -> None:
        """See the port."""
        self._changes.append(approvals.withdrawing(approval_id))

    def review_approval(self, approval_id: str, review: ApprovalDecision) -> None:
        """See the port."""
        self._changes.append(approvals.reviewing(approval_id, review))

    def consume_approval(self, approval_id: str, plan_hash: str) -> None:
        """See the port."""
        self._changes.append(approvals.consuming(approval_id, plan_hash))

    def expire_approval(self, approval_id: str) -> None:
        """See the port."""
        self._changes.append(approvals.expiring(approval_id))

    def append_audit(self, entry: AuditEntry) -> None:
        """See the port."""
        self._audit.append(entry)

    def add_outbox(self, message: OutboxMessage) -> None:
        """See the port."""
        self._changes.append(after_reply.adding_message(message))

    def finish_outbox(self, message_id: str) -> None:
        """See the port."""
        self._changes.append(after_reply.finishing_message(message_id))

    def retry_outbox(self, message_id: str, delay_s: float, error: str) -> None:
        """See the port."""
        self._changes.append(after_reply.retrying_message(message_id, delay_s, error))

    def add_memory(self, memory: Memory) -> None:
        """See the port."""
        self._changes.append(after_reply.adding_memory(memory))

    def add_counts(self, tenant: str, day: str, counts: Mapping[str, int], message_id: str) -> None:
        """See the port."""
        self._changes.append(after_reply.adding_counts(tenant, day, counts, message_id))

    def add_identity(self, identity: Identity) -> None:
        """See the port."""
        self._changes.append(identities.adding(identity))

    def change_identity(self, identity: Identity) -> None:
        """See the port."""
        self._changes.append(identities.changing(identity))

    def add_token(self, token: Token) -> None:
        """See the port."""
        self._changes.append(identities.adding_token(token))

    def use_token(self, token_id: str, at: str) -> None:
        """See the port."""
        self._changes.append(identities.using_token(token_id, at))

    def revoke_token(self, token_id: str, at: str) -> None:
        """See the port."""
        self._changes.append(identities.revoking_token(token_id, at))

    def save_tenant_settings(self, tenant: str, settings: Mapping[str, Json]) -> None:
        """See the port."""
        self._changes.append(identities.saving_settings(tenant, settings))

    async def commit(self) -> None:
        """See the port. A unit that failed keeps its changes, so that it may be tried again."""
        if self._changes or self._audit:
            await self._database.write(self._perform)
            self._changes, self._audit = [], []

    def _perform(self, connection: sqlite3.Connection) -> None:
        for change in self._changes:
            change(connection)
        if self._audit:
            self._database.append_audit(connection, self._audit)
