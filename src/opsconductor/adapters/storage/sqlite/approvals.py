"""Approvals: every step from pending on is a compare-and-set."""

import dataclasses
import sqlite3
from collections.abc import Sequence
from typing import Any

from opsconductor.adapters.sql_statements import Statements
from opsconductor.adapters.storage.sqlite.blobs import from_blob, to_blob
from opsconductor.adapters.storage.sqlite.changes import Change
from opsconductor.adapters.storage.sqlite.connection import snapshot
from opsconductor.adapters.storage.sqlite.packed import pack, pack_time, unpack
from opsconductor.domain.approvals import Approval, ApprovalDecision, ApprovalState
from opsconductor.domain.errors import Conflict, InternalFault, NotFound, OpsConductorError

_SQL = Statements(__package__, "approvals")

_DECIDED = frozenset({ApprovalState.APPROVED, ApprovalState.REJECTED, ApprovalState.WITHDRAWN})


def adding(approval: Approval) -> Change:
    """Insert the question, with what has been said about it."""
    row = {
        "approval_id": pack(approval.approval_id),
        "tenant": approval.tenant,
        "plan_hash": pack(approval.plan_hash),
        "state": approval.state.value,
        "expires_at": pack_time(approval.expires_at),
        "body": to_blob(dataclasses.replace(approval, decisions=())),
    }
    decisions = [to_blob(decision) for decision in approval.decisions]

    def change(connection: sqlite3.Connection) -> None:
        number = connection.execute(_SQL["add_approval"], row).fetchall()[0][0]
        for body in decisions:
            connection.execute(_SQL["add_decision"], {"number": number, "body": body})

    return change


def deciding(approval_id: str, decision: ApprovalDecision, state: ApprovalState) -> Change:
    """pending → `state`, and the decision beside it."""
    row = {"approval_id": pack(approval_id), "state": state.value}
    body = to_blob(decision)

    def change(connection: sqlite3.Connection) -> None:
        if state not in _DECIDED:
            raise InternalFault("internal.fault", f"A decision cannot make an approval {state}.")
        decided = connection.execute(_SQL["decide"], row).fetchall()
        if not decided:
            standing, _ = _standing(connection, approval_id)
            if standing is ApprovalState.PENDING:
                raise Conflict("approval.expired", "The time to decide is over.")
            raise _not_pending(standing)
        connection.execute(_SQL["add_decision"], {"number": decided[0][0], "body": body})

    return change


def consuming(approval_id: str, plan_hash: str) -> Change:
    """approved → consumed, for exactly that plan."""
    row = (pack(approval_id), pack(plan_hash))

    def change(connection: sqlite3.Connection) -> None:
        if connection.execute(_SQL["consume"], row).rowcount == 0:
            standing, stored_hash = _standing(connection, approval_id)
            if stored_hash != plan_hash:
                raise Conflict("approval.hash_mismatch", "What would run is not what was approved.")
            raise _not_pending(standing)

    return change


def expiring(approval_id: str) -> Change:
    """pending → expired."""

    def change(connection: sqlite3.Connection) -> None:
        if connection.execute(_SQL["expire"], (pack(approval_id),)).rowcount == 0:
            raise _not_pending(_standing(connection, approval_id)[0])

    return change


def approval(connection: sqlite3.Connection, tenant: str, approval_id: str) -> Approval | None:
    """One approval with its decisions."""
    with snapshot(connection):
        rows = connection.execute(_SQL["approval"], (tenant, pack(approval_id))).fetchall()
        return _approval(connection, rows[0]) if rows else None


def approvals(
    connection: sqlite3.Connection, tenant: str, state: ApprovalState | None, limit: int
) -> tuple[Approval, ...]:
    """The newest approvals of a tenant, or those in one state."""
    with snapshot(connection):
        if state is None:
            rows = connection.execute(_SQL["approvals"], (tenant, limit)).fetchall()
        else:
            rows = connection.execute(_SQL["approvals_in_state"], (tenant, state.value, limit)).fetchall()
        return tuple(_approval(connection, row) for row in rows)


def _approval(connection: sqlite3.Connection, row: Sequence[Any]) -> Approval:
    number, state, body = row
    said = connection.execute(_SQL["decisions"], (number,)).fetchall()
    return dataclasses.replace(
        from_blob(Approval, body),
        state=ApprovalState(state),
        decisions=tuple(from_blob(ApprovalDecision, decision) for (decision,) in said),
    )


def _standing(connection: sqlite3.Connection, approval_id: str) -> tuple[ApprovalState, str]:
    rows = connection.execute(_SQL["standing"], (pack(approval_id),)).fetchall()
    if not rows:
        raise NotFound("approval.not_found", "There is no such approval.")
    state, plan_hash = rows[0]
    return ApprovalState(state), unpack(plan_hash)


def _not_pending(state: ApprovalState) -> OpsConductorError:
    return Conflict("approval.not_pending", f"The approval is {state}.")
