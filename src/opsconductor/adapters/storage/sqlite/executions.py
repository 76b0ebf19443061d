"""Executions and their changes of state."""

import sqlite3
from collections.abc import Sequence
from typing import Any

from opsconductor.adapters.sql_statements import Statements
from opsconductor.adapters.storage.sqlite.blobs import from_blob, from_optional_blob, to_blob
from opsconductor.adapters.storage.sqlite.changes import Change, demand_change
from opsconductor.adapters.storage.sqlite.packed import pack, pack_time, unpack, unpack_time
from opsconductor.domain.errors import Conflict, NotFound
from opsconductor.domain.execution import (
    Execution,
    ExecutionMove,
    ExecutionResultV1,
    ExecutionStatus,
)
from opsconductor.domain.plan import PlanV1
from opsconductor.domain.states import TERMINAL, check_execution_move

_SQL = Statements(__package__, "executions")


def adding(execution: Execution) -> Change:
    """Insert a frozen plan."""
    row = {
        "execution_id": pack(execution.execution_id),
        "tenant": execution.tenant,
        "session_id": pack(execution.session_id),
        "turn_id": pack(execution.turn_id),
        "turn_group": None if execution.turn_group == execution.turn_id else pack(execution.turn_group),
        "requester": pack(execution.requester),
        "plan_hash": pack(execution.plan_hash),
        "mode": execution.mode,
        "request": execution.request,
        "created_at": pack_time(execution.created_at),
        "status": execution.status.value,
        "owner": execution.owner,
        "updated_at": pack_time(execution.updated_at),
        "plan": to_blob(execution.plan),
        "result": None if execution.result is None else to_blob(execution.result),
        "claim": execution.claim,
        "tool_key": pack(execution.tool_key) if execution.tool_key else None,
        "cancelled_by": pack(execution.cancelled_by) if execution.cancelled_by else None,
    }

    def change(connection: sqlite3.Connection) -> None:
        _demand_free_key(connection, execution.tenant, row["tool_key"], row["execution_id"])
        connection.execute(_SQL["add_execution"], row)

    return change


def moving(move: ExecutionMove, owner: str, claim: int | None) -> Change:
    """Change the state and record that it changed; the end of a run gives back what it held."""
    ends = move.target in TERMINAL or move.target is ExecutionStatus.AWAITING_APPROVAL
    row = {
        "execution_id": pack(move.execution_id),
        "source": move.source.value,
        "target": move.target.value,
        "actor": pack(move.actor),
        "at": pack_time(move.at),
        "reason": move.reason,
        "owner": owner,
        "ends": ends,
    }

    def change(connection: sqlite3.Connection) -> None:
        check_execution_move(move.source, move.target)
        if claim is not None:
            demand_claim(connection, move.execution_id, claim)
        if connection.execute(_SQL["move"], row).rowcount == 0:
            status = demand_execution(connection, move.execution_id)
            raise Conflict("store.conflict", f"The execution is {status}, no longer {move.source}.")
        connection.execute(_SQL["add_move"], row)
        if ends:
            connection.execute(_SQL["free_targets"], (row["execution_id"],))

    return change


def saving_result(execution_id: str, result: ExecutionResultV1) -> Change:
    """Replace the result."""
    row = (to_blob(result), pack(execution_id))

    def change(connection: sqlite3.Connection) -> None:
        demand_change(connection.execute(_SQL["save_result"], row), not_found())

    return change


def refreezing(execution_id: str, plan: PlanV1, plan_hash: str, replaced_hash: str, tool_key: str) -> Change:
    """Replace the plan, and its key, of an execution that waits for approval."""
    row = {
        "execution_id": pack(execution_id),
        "plan": to_blob(plan),
        "plan_hash": pack(plan_hash),
        "replaced_hash": pack(replaced_hash),
        "tool_key": pack(tool_key) if tool_key else None,
    }

    def change(connection: sqlite3.Connection) -> None:
        tenants = connection.execute(_SQL["tenant"], (row["execution_id"],)).fetchall()
        if not tenants:
            raise not_found()
        _demand_free_key(connection, tenants[0][0], row["tool_key"], row["execution_id"])
        if connection.execute(_SQL["refreeze"], row).rowcount == 0:
            raise Conflict("store.conflict", "The plan is not the one that was to be replaced, or no longer waits.")

    return change


def execution(connection: sqlite3.Connection, tenant: str, execution_id: str) -> Execution | None:
    """One execution."""
    rows = connection.execute(_SQL["execution"], (tenant, pack(execution_id))).fetchall()
    return _execution(rows[0]) if rows else None


def executions(connection: sqlite3.Connection, tenant: str, limit: int, before: str) -> tuple[Execution, ...]:
    """The newest executions of a tenant, or of those older than `before`."""
    given = {"tenant": tenant, "limit": limit, "before": pack(before)}
    return tuple(map(_execution, connection.execute(_SQL["executions_before" if before else "executions"], given)))


def running(connection: sqlite3.Connection) -> tuple[Execution, ...]:
    """Executions that run, of all tenants, oldest first."""
    return tuple(map(_execution, connection.execute(_SQL["running"]).fetchall()))


def moves(connection: sqlite3.Connection, tenant: str, execution_id: str) -> tuple[ExecutionMove, ...]:
    """The changes of state in order."""
    rows = connection.execute(_SQL["moves"], (tenant, pack(execution_id))).fetchall()
    return tuple(
        ExecutionMove(
            execution_id=execution_id,
            source=ExecutionStatus(source),
            target=ExecutionStatus(target),
            actor=unpack(actor),
            at=unpack_time(at),
            reason=reason,
        )
        for source, target, actor, at, reason in rows
    )


def of_group(connection: sqlite3.Connection, tenant: str, turn_group: str) -> tuple[Execution, ...]:
    """Those of one turn group, oldest first."""
    return tuple(map(_execution, connection.execute(_SQL["of_group"], (tenant, pack(turn_group))).fetchall()))


def open_execution(connection: sqlite3.Connection, tenant: str, tool_key: str) -> Execution | None:
    """The one that waits, is queued or runs under this key."""
    rows = connection.execute(_SQL["open_execution"], (tenant, pack(tool_key))).fetchall()
    return _execution(rows[0]) if rows else None


def abandoned(connection: sqlite3.Connection) -> tuple[Execution, ...]:
    """Executions that run although their lease is over, of all tenants, oldest first."""
    return tuple(map(_execution, connection.execute(_SQL["abandoned"]).fetchall()))


def to_look_at(connection: sqlite3.Connection, limit: int) -> tuple[Execution, ...]:
    """Executions whose outcome is unknown and due to be looked at again, of all tenants."""
    return tuple(map(_execution, connection.execute(_SQL["to_look_at"], (limit,)).fetchall()))


def demand_execution(connection: sqlite3.Connection, execution_id: str) -> str:
    """The state of the execution; `execution.not_found` when there is none."""
    rows = connection.execute(_SQL["status"], (pack(execution_id),)).fetchall()
    if not rows:
        raise not_found()
    return str(rows[0][0])


def not_found() -> NotFound:
    """The error for an execution that is not there."""
    return NotFound("execution.not_found", "There is no such execution.")


def demand_claim(connection: sqlite3.Connection, execution_id: str, claim: int) -> None:
    """Raise `execution.fenced` unless the stored claim is this one."""
    rows = connection.execute(_SQL["claim"], (pack(execution_id),)).fetchall()
    if not rows:
        raise not_found()
    if rows[0][0] != claim:
        raise fenced()


def fenced() -> Conflict:
    """The error for a run that somebody else has taken over, or that is over."""
    return Conflict("execution.fenced", "This run has ended or was taken over; nothing more is written for it.")


def _demand_free_key(connection: sqlite3.Connection, tenant: str, tool_key: Any, mine: Any) -> None:
    if tool_key is None:
        return
    found = connection.execute(_SQL["open_with_key"], {"tenant": tenant, "tool_key": tool_key}).fetchall()
    if found and found[0][0] != mine:
        other = unpack(found[0][0])
        raise Conflict("execution.duplicate", f"The same order is already open as {other}.", execution=other)


def _execution(row: Sequence[Any]) -> Execution:
    execution_id, tenant, session_id, turn_id, group, requester, plan_hash, mode, request, created_at, *changing = row
    status, owner, updated_at, plan, result, claim, tool_key, cancelled_by = changing
    return Execution(
        execution_id=unpack(execution_id),
        tenant=tenant,
        session_id=unpack(session_id),
        turn_id=unpack(turn_id),
        turn_group=unpack(turn_id if group is None else group),
        requester=unpack(requester),
        plan=from_blob(PlanV1, plan),
        plan_hash=unpack(plan_hash),
        status=ExecutionStatus(status),
        mode=mode,
        request=request,
        created_at=unpack_time(created_at),
        owner=owner,
        result=from_optional_blob(ExecutionResultV1, result),
        updated_at=unpack_time(updated_at),
        claim=claim,
        tool_key="" if tool_key is None else unpack(tool_key),
        cancelled_by="" if cancelled_by is None else unpack(cancelled_by),
    )
