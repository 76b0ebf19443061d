"""The record: sessions, turns, executions, approvals, audit. Every change goes through a unit of work."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from opsconductor.domain.approvals import Approval, ApprovalDecision, ApprovalState
from opsconductor.domain.audit import AuditEntry, ChainedAudit
from opsconductor.domain.customer import VariableEntry
from opsconductor.domain.execution import Execution, ExecutionMove, ExecutionResultV1, StepIntent, StepResult
from opsconductor.domain.identity import Identity, Token
from opsconductor.domain.json_value import Json
from opsconductor.domain.knowledge import Memory
from opsconductor.domain.outbox import OutboxMessage
from opsconductor.domain.plan import PlanV1
from opsconductor.domain.turn import AcceptedTurn, Session, TurnRecord

KEY_LIFETIME_S = 24 * 3600
"""So long an Idempotency-Key is bound, by the store's clock."""


@dataclass(frozen=True, kw_only=True)
class IdempotencyRow:
    """What an Idempotency-Key was used for."""

    tenant: str
    key: str
    body_hash: str
    turn_id: str
    created_at: str


@dataclass(frozen=True, kw_only=True)
class StepJournal:
    """One step on one target as the journal holds it: an intent, and a result once there is one."""

    intent: StepIntent
    result: StepResult | None


class UnitOfWork(Protocol):
    """Collects changes; nothing is visible or durable before `commit`, then all of it is, or none.

    Methods only buffer. `commit` raises `session.busy`, `approval.not_pending`, `store.conflict` when a condition
    fails (nothing is written then), and `store.*` when the store cannot take it.
    """

    def accept_turn(self, turn: AcceptedTurn) -> None:
        """A request is accepted from here on and is never lost."""
        ...

    def remember_key(self, row: IdempotencyRow) -> None:
        """Binds an Idempotency-Key for KEY_LIFETIME_S; `store.conflict` when the key is bound."""
        ...

    def take_session(self, tenant: str, session_id: str, owner: str, lease_s: float, instead_of: str = "") -> None:
        """Lock the session for `owner`; condition: free, expired by the store's clock, already ours, or held by
        `instead_of`, an owner known to be dead."""
        ...

    def release_session(self, tenant: str, session_id: str, owner: str) -> None:
        """Give the lock back; nothing happens when it is not ours."""
        ...

    def save_session(self, session: Session, expected_turn_count: int, owner: str) -> None:
        """Condition: the stored turn count is `expected_turn_count` and `owner` holds the lock. Drops `variables`."""
        ...

    def save_customer_data(self, tenant: str, customer_id: str, entries: tuple[VariableEntry, ...]) -> None:
        """Insert or replace these entries."""
        ...

    def finish_turn(self, record: TurnRecord, closing: AuditEntry | None = None) -> None:
        """Append the record; condition: the turn is accepted and has no record yet. `closing` is chained with the
        digest of the record's stored JSON as `record` in its detail."""
        ...

    def add_execution(self, execution: Execution) -> None:
        """A frozen plan. Condition: no open execution of the tenant (awaiting_approval, queued, running) has the same
        `tool_key`, unless that is empty; else `execution.duplicate`, whose fact `execution` names the open one."""
        ...

    def move_execution(self, move: ExecutionMove, owner: str = "", claim: int | None = None) -> None:
        """Change state; condition: the stored state is `move.source`, and with `claim` that the stored claim is that
        one (else `execution.fenced`). Sets the owner when one is given. A move to a terminal state, or back to
        awaiting_approval, ends the lease and gives the execution's target locks back. A move to unknown makes it due
        to be looked at again (`unknown_executions_due`), a move away from unknown ends that."""
        ...

    def claim_execution(self, execution_id: str, owner: str, lease_s: float, expected_claim: int) -> None:
        """Take the run: the claim becomes `expected_claim` + 1, `owner` holds it for `lease_s` by the store's clock.

        Condition: the stored claim is `expected_claim` and the state (as changed by this very unit) is running; else
        `execution.fenced`.
        """
        ...

    def renew_lease(self, execution_id: str, owner: str, claim: int, lease_s: float) -> None:
        """Hold the run, and every target lock it has, for `lease_s` from now. Condition: running under `claim` by
        `owner`, and the lease is not over yet by the store's clock; else `execution.fenced`."""
        ...

    def request_cancel(self, execution_id: str, actor: str) -> None:
        """From here on no intent of the execution is taken. Condition: not in a terminal state (else
        `execution.not_cancellable`). Asking again changes nothing."""
        ...

    def look_again(self, execution_id: str, after_s: float | None) -> None:
        """When an unknown execution is due to be looked at again, by the store's clock; None: not any more. Condition:
        it is unknown; else `store.conflict`."""
        ...

    def refreeze_execution(
        self, execution_id: str, plan: PlanV1, plan_hash: str, replaced_hash: str, tool_key: str
    ) -> None:
        """Replace the plan by an edited one, and the tool key with it. Conditions: awaiting_approval with
        `replaced_hash` (`store.conflict`), and no other open execution of the tenant has `tool_key`
        (`execution.duplicate`)."""
        ...

    def lock_target(self, tenant: str, target_id: str, execution_id: str, lease_s: float) -> None:
        """One run at a time changes a target. Condition: free, expired by the store's clock, or held by this very
        execution (then prolonged); else `target.busy`, whose fact `holder` names the execution that holds it."""
        ...

    def save_result(self, execution_id: str, result: ExecutionResultV1) -> None:
        """The execution's result as it stands."""
        ...

    def record_intent(self, intent: StepIntent) -> None:
        """Conditions: no intent of this execution, step, target and attempt exists yet (`store.conflict`); the
        execution runs under `intent.claim` and its lease is not over by the store's clock (`execution.fenced`); nobody
        asked to cancel it (`execution.cancelled`)."""
        ...

    def record_result(self, execution_id: str, result: StepResult, attempt: int, claim: int | None = None) -> None:
        """Result of one attempt; condition: its intent is open and is the newest attempt (`store.conflict`), and with
        `claim` that the execution is still under that claim (`execution.fenced`)."""
        ...

    def settle_result(self, execution_id: str, result: StepResult, attempt: int) -> None:
        """Replace the result of an attempt whose recorded result is `unknown`, by a probe's or a person's word; also
        `succeeded` by `compensated` once its undo is proven. Condition: that, else `execution.not_unknown`."""
        ...

    def keep_output(self, tenant: str, execution_id: str, output_ref: str, body: bytes) -> None:
        """Keep a full output under its reference; the same reference again changes nothing."""
        ...

    def add_approval(self, approval: Approval) -> None:
        """A pending question to people."""
        ...

    def decide_approval(
        self, approval_id: str, decision: ApprovalDecision, state: ApprovalState, expected_decisions: int | None = None
    ) -> None:
        """Compare-and-set pending → `state`, where pending again means that more people have to decide.

        Conditions: pending (`approval.not_pending`), not past its expiry by the store's clock (`approval.expired`),
        `decision.who` has not decided it before (`approval.already_decided`), and with `expected_decisions` that so
        many decisions were recorded before this one (`store.conflict`).
        """
        ...

    def withdraw_approval(self, approval_id: str) -> None:
        """Compare-and-set pending | changes_requested → withdrawn; else `approval.not_pending`."""
        ...

    def review_approval(self, approval_id: str, review: ApprovalDecision) -> None:
        """Record the review that a break-glass approval is owed. Condition: one of its decisions was break-glass, and
        there is no review yet; else `approval.not_reviewable`."""
        ...

    def consume_approval(self, approval_id: str, plan_hash: str) -> None:
        """Compare-and-set approved → consumed; condition: the stored hash is `plan_hash`."""
        ...

    def expire_approval(self, approval_id: str) -> None:
        """Compare-and-set pending → expired."""
        ...

    def append_audit(self, entry: AuditEntry) -> None:
        """Chain one entry, in the order appended, within the same commit."""
        ...

    def add_outbox(self, message: OutboxMessage) -> None:
        """Something to do after the reply."""
        ...

    def finish_outbox(self, message_id: str) -> None:
        """Mark as done."""
        ...

    def retry_outbox(self, message_id: str, delay_s: float, error: str) -> None:
        """Count a failed attempt; due again after `delay_s`."""
        ...

    def add_memory(self, memory: Memory) -> None:
        """Insert; the same memory id again changes nothing."""
        ...

    def add_counts(self, tenant: str, day: str, counts: Mapping[str, int], message_id: str) -> None:
        """Add to the analytics counters; the same message id again changes nothing."""
        ...

    def add_identity(self, identity: Identity) -> None:
        """`store.conflict` when the name is taken in the tenant."""
        ...

    def change_identity(self, identity: Identity) -> None:
        """Replace kind, roles, operating-system user and `disabled` of the stored identity of that id; else
        `store.conflict`. Its name and tenant stay."""
        ...

    def add_token(self, token: Token) -> None:
        """A new credential."""
        ...

    def use_token(self, token_id: str, at: str) -> None:
        """Mark a one-time token as used; condition: not used, not revoked."""
        ...

    def revoke_token(self, token_id: str, at: str) -> None:
        """Condition: exists and not revoked."""
        ...

    def save_tenant_settings(self, tenant: str, settings: Mapping[str, Json]) -> None:
        """Replace the tenant's behaviour settings."""
        ...

    async def commit(self) -> None:
        """Make everything durable (fsync) in one transaction. An empty unit commits nothing."""
        ...


class Storage(Protocol):
    """Reads see the last commit. All methods raise `store.*`. Everything is scoped by isolation tenant."""

    def begin(self) -> UnitOfWork:
        """A new, empty unit of work."""
        ...

    async def session(self, tenant: str, session_id: str) -> Session | None:
        """The stored session."""
        ...

    async def latest_session(self, tenant: str, identity_id: str) -> Session | None:
        """The session this identity used last."""
        ...

    async def customer_data(self, tenant: str, customer_id: str) -> Mapping[str, VariableEntry]:
        """Stored entries by key."""
        ...

    async def tenant_settings(self, tenant: str) -> Mapping[str, Json]:
        """Behaviour settings of the tenant (thresholds, strategies); they override the pack's."""
        ...

    async def turn_record(self, tenant: str, turn_id: str) -> TurnRecord | None:
        """The record of a finished turn."""
        ...

    async def turns(self, tenant: str, *, session_id: str = "", limit: int = 50) -> tuple[TurnRecord, ...]:
        """Newest first."""
        ...

    async def record_digests(self, tenant: str, *, limit: int, before: str = "") -> tuple[tuple[str, str], ...]:
        """Turn id and digest of the record as stored now, newest first; with `before` of turns older than that one."""
        ...

    async def accepted_turn(self, tenant: str, turn_id: str) -> AcceptedTurn | None:
        """A request as accepted, finished or not."""
        ...

    async def open_turns(self) -> tuple[AcceptedTurn, ...]:
        """Accepted turns without a record, of all tenants, for recovery."""
        ...

    async def idempotency(self, tenant: str, key: str) -> IdempotencyRow | None:
        """What the key was used for."""
        ...

    async def execution(self, tenant: str, execution_id: str) -> Execution | None:
        """One execution."""
        ...

    async def executions(self, tenant: str, *, limit: int = 50, before: str = "") -> tuple[Execution, ...]:
        """Newest first; with `before` those older than that execution."""
        ...

    async def running_executions(self) -> tuple[Execution, ...]:
        """Executions in state running, of all tenants, for recovery."""
        ...

    async def abandoned_executions(self) -> tuple[Execution, ...]:
        """Executions in state running whose lease is over by the store's clock, of all tenants, for the reaper."""
        ...

    async def unknown_executions_due(self, limit: int) -> tuple[Execution, ...]:
        """Executions in state unknown that are due to be looked at again, of all tenants, longest due first."""
        ...

    async def open_execution(self, tenant: str, tool_key: str) -> Execution | None:
        """The execution that waits, is queued or runs under this key."""
        ...

    async def executions_of_group(self, tenant: str, turn_group: str) -> tuple[Execution, ...]:
        """Those of one turn group, oldest first."""
        ...

    async def output(self, tenant: str, output_ref: str) -> bytes | None:
        """A full output that was kept."""
        ...

    async def target_holder(self, tenant: str, target_id: str) -> str | None:
        """The execution that holds the target now, by the store's clock."""
        ...

    async def moves(self, tenant: str, execution_id: str) -> tuple[ExecutionMove, ...]:
        """State changes in order."""
        ...

    async def journal(self, tenant: str, execution_id: str) -> tuple[StepJournal, ...]:
        """Every attempt in order."""
        ...

    async def later_changes(self, tenant: str, target_id: str, execution_id: str) -> tuple[StepIntent, ...]:
        """Intents of changes (they name an approval) that other executions have recorded on the target after the newest
        intent of `execution_id` there, oldest first: what is read back now may be theirs."""
        ...

    async def approval(self, tenant: str, approval_id: str) -> Approval | None:
        """One approval with its decisions."""
        ...

    async def approvals(
        self, tenant: str, *, state: ApprovalState | None = None, limit: int = 50
    ) -> tuple[Approval, ...]:
        """Newest first."""
        ...

    async def approvals_of(self, tenant: str, execution_id: str) -> tuple[Approval, ...]:
        """All approvals of one execution, oldest first."""
        ...

    async def reviews_due(self, tenant: str) -> tuple[Approval, ...]:
        """Break-glass approvals without a review, oldest first."""
        ...

    async def identity(self, tenant: str, name: str) -> Identity | None:
        """By name."""
        ...

    async def identity_by_id(self, tenant: str, identity_id: str) -> Identity | None:
        """By id."""
        ...

    async def identity_of_user(self, os_uid: int) -> Identity | None:
        """The identity bound to an operating-system user."""
        ...

    async def identity_of_token(self, token_hash: str) -> tuple[Identity, Token] | None:
        """Whose token that is; expired, used and revoked ones too: the caller checks."""
        ...

    async def identities(self, tenant: str) -> tuple[Identity, ...]:
        """All, by name."""
        ...

    async def tokens(self, tenant: str) -> tuple[Token, ...]:
        """All tokens of the tenant's identities, newest first."""
        ...

    async def memories(self, tenant: str, entities: tuple[str, ...], limit: int) -> tuple[Memory, ...]:
        """Valid memories about any of `entities`, newest first; without entities the newest of all."""
        ...

    async def outbox_due(self, limit: int) -> tuple[OutboxMessage, ...]:
        """Undelivered messages that are due, oldest first, of all tenants."""
        ...

    async def counts(self, tenant: str) -> Mapping[str, int]:
        """Analytics counters, all days added up."""
        ...

    async def audit(self, tenant: str, *, after: int = 0, limit: int = 1000) -> tuple[ChainedAudit, ...]:
        """Chained rows in order of their number."""
        ...

    async def audit_head(self, tenant: str) -> tuple[int, str]:
        """Number and hash of the newest chained row; (0, "") before the first."""
        ...

    async def tenants(self) -> tuple[str, ...]:
        """Every isolation tenant that has an audit chain."""
        ...

    async def schema_version(self) -> int:
        """Number of the newest migration applied."""
        ...
