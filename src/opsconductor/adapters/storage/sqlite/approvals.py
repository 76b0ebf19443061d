"""Approvals: every step from pending on is a compare-and-set."""

import dataclasses
import sqlite3
from collections.abc import Sequence
from typing import Any

from opsconductor.adapters.sql_statements import Statements
from opsconductor.adapters.storage.sqlite.blobs import from_blob, from_optional_blob, to_blob
from opsconductor.adapters.storage.sqlite.changes import Change
from opsconductor.adapters.storage.sqlite.connection import snapshot
from opsconductor.adapters.storage.sqlite.packed import pack, pack_time, unpack
from opsconductor.domain.approvals import Approval, ApprovalDecision, ApprovalState
from opsconductor.domain.errors import Conflict, InternalFault, NotFound, OpsConductorError

_SQL = Statements(__package__, "approvals")

_DECIDED = frozenset(
    {ApprovalState.PENDING, ApprovalState.APPROVED, ApprovalState.REJECTED, ApprovalState.CHANGES_REQUESTED}
)


def adding(approval: Approval) -> Change:
    """Insert the question, with what has been said about it."""
    row = {
        "approval_id": pack(approval.approval_id),
        "tenant": approval.tenant,
        "execution_id": pack(approval.execution_id),
        "plan_hash": pack(approval.plan_hash),
        "state": approval.state.value,
        "expires_at": pack_time(approval.expires_at),
        "break_glass": any(decision.break_glass for decision in approval.decisions),
        "review": None if approval.review is None else to_blob(approval.review),
        "body": to_blob(dataclasses.replace(approval, decisions=(), review=None)),
    }

    def change(connection: sqlite3.Connection) -> None:
        number = connection.execute(_SQL["add_approval"], row).fetchall()[0][0]
        for decision in approval.decisions:
            _add_decision(connection, number, decision)

    return change


def deciding(
    approval_id: str, decision: ApprovalDecision, state: ApprovalState, expected_decisions: int | None
) -> Change:
    """pending → `state`, and the decision beside it; pending again while more people have to decide."""
    row = {"approval_id": pack(approval_id), "state": state.value, "break_glass": decision.break_glass}

    def change(connection: sqlite3.Connection) -> None:
        if state not in _DECIDED:
            raise InternalFault("internal.fault", f"A decision cannot make an approval {state}.")
        decided = connection.execute(_SQL["decide"], row).fetchall()
        if not decided:
            standing, _ = _standing(connection, approval_id)
            if standing is ApprovalState.PENDING:
                raise Conflict("approval.expired", "The time to decide is over.")
            raise _not_pending(standing)
        number = decided[0][0]
        said = connection.execute(_SQL["count_decisions"], (number,)).fetchall()[0][0]
        _add_decision(connection, number, decision)
        if expected_decisions not in (None, said):
            raise Conflict("store.conflict", "Somebody else has decided in the meantime.")

    return change


def withdrawing(approval_id: str) -> Change:
    """pending | changes_requested → withdrawn."""

    def change(connection: sqlite3.Connection) -> None:
        if connection.execute(_SQL["withdraw"], (pack(approval_id),)).rowcount == 0:
            raise _not_pending(_standing(connection, approval_id)[0])

    return change


def reviewing(approval_id: str, review: ApprovalDecision) -> Change:
    """What a second person says afterwards of an approval that was given without them."""
    row = {"approval_id": pack(approval_id), "review": to_blob(review)}

    def change(connection: sqlite3.Connection) -> None:
        if connection.execute(_SQL["review"], row).rowcount == 0:
            _standing(connection, approval_id)
            raise Conflict("approval.not_reviewable", "No break-glass approval is owed a review here.")

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


def of_execution(connection: sqlite3.Connection, tenant: str, execution_id: str) -> tuple[Approval, ...]:
    """All approvals of one execution, oldest first."""
    row = {"tenant": tenant, "execution_id": pack(execution_id)}
    with snapshot(connection):
        rows = connection.execute(_SQL["of_execution"], row).fetchall()
        return tuple(_approval(connection, found) for found in rows)


def reviews_due(connection: sqlite3.Connection, tenant: str) -> tuple[Approval, ...]:
    """Break-glass approvals without a review, oldest first."""
    with snapshot(connection):
        rows = connection.execute(_SQL["reviews_due"], (tenant,)).fetchall()
        return tuple(_approval(connection, row) for row in rows)


def _add_decision(connection: sqlite3.Connection, number: int, decision: ApprovalDecision) -> None:
    row = {"number": number, "who": pack(decision.who), "body": to_blob(decision)}
    if connection.execute(_SQL["add_decision"], row).rowcount == 0:
        raise Conflict("approval.already_decided", f"{decision.who_name} has decided this already.")


def _approval(connection: sqlite3.Connection, row: Sequence[Any]) -> Approval:
    number, state, review, body = row
    said = connection.execute(_SQL["decisions"], (number,)).fetchall()
    return dataclasses.replace(
        from_blob(Approval, body),
        state=ApprovalState(state),
        decisions=tuple(from_blob(ApprovalDecision, decision) for (decision,) in said),
        review=from_optional_blob(ApprovalDecision, review),
    )


def _standing(connection: sqlite3.Connection, approval_id: str) -> tuple[ApprovalState, str]:
    rows = connection.execute(_SQL["standing"], (pack(approval_id),)).fetchall()
    if not rows:
        raise NotFound("approval.not_found", "There is no such approval.")
    state, plan_hash = rows[0]
    return ApprovalState(state), unpack(plan_hash)


def _not_pending(state: ApprovalState) -> OpsConductorError:
    return Conflict("approval.not_pending", f"The approval is {state}.")
