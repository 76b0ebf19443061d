"""Executions, their changes of state, and the step journal."""

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
    StepIntent,
    StepResult,
    StepStatus,
)
from opsconductor.domain.plan import PlanV1
from opsconductor.domain.states import check_execution_move, check_step_move
from opsconductor.ports.storage import StepJournal

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
    }

    def change(connection: sqlite3.Connection) -> None:
        connection.execute(_SQL["add_execution"], row)

    return change


def moving(move: ExecutionMove, owner: str) -> Change:
    """Change the state and record that it changed."""
    row = {
        "execution_id": pack(move.execution_id),
        "source": move.source.value,
        "target": move.target.value,
        "actor": pack(move.actor),
        "at": pack_time(move.at),
        "reason": move.reason,
        "owner": owner,
    }

    def change(connection: sqlite3.Connection) -> None:
        check_execution_move(move.source, move.target)
        if connection.execute(_SQL["move"], row).rowcount == 0:
            status = _status(connection, move.execution_id)
            raise Conflict("store.conflict", f"The execution is {status}, no longer {move.source}.")
        connection.execute(_SQL["add_move"], row)

    return change


def saving_result(execution_id: str, result: ExecutionResultV1) -> Change:
    """Replace the result."""
    row = (to_blob(result), pack(execution_id))

    def change(connection: sqlite3.Connection) -> None:
        demand_change(connection.execute(_SQL["save_result"], row), _not_found())

    return change


def recording_intent(intent: StepIntent) -> Change:
    """Add an attempt that has no result yet."""
    row = {
        "execution_id": pack(intent.execution_id),
        "step_id": intent.step_id,
        "target_id": pack(intent.target_id),
        "attempt": intent.attempt,
        "intent": to_blob(intent),
    }

    def change(connection: sqlite3.Connection) -> None:
        if connection.execute(_SQL["add_intent"], row).rowcount == 0:
            _status(connection, intent.execution_id)
            raise Conflict("store.conflict", f"Attempt {intent.attempt} of {intent.step_id} exists already.")

    return change


def recording_result(execution_id: str, result: StepResult, attempt: int) -> Change:
    """Give an open attempt its result, unless a newer attempt has taken its place."""
    row = {
        "execution_id": pack(execution_id),
        "step_id": result.step_id,
        "target_id": pack(result.target_id),
        "attempt": attempt,
        "result": to_blob(result),
    }

    def change(connection: sqlite3.Connection) -> None:
        check_step_move(StepStatus.INTENT, result.status)
        if connection.execute(_SQL["add_step_result"], row).rowcount == 0:
            _status(connection, execution_id)
            refusal = f"Attempt {attempt} of {result.step_id} is not open, or a newer one has taken its place."
            raise Conflict("store.conflict", refusal)

    return change


def execution(connection: sqlite3.Connection, tenant: str, execution_id: str) -> Execution | None:
    """One execution."""
    rows = connection.execute(_SQL["execution"], (tenant, pack(execution_id))).fetchall()
    return _execution(rows[0]) if rows else None


def executions(connection: sqlite3.Connection, tenant: str, limit: int) -> tuple[Execution, ...]:
    """The newest executions of a tenant."""
    return tuple(map(_execution, connection.execute(_SQL["executions"], (tenant, limit)).fetchall()))


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


def journal(connection: sqlite3.Connection, tenant: str, execution_id: str) -> tuple[StepJournal, ...]:
    """Every attempt in order."""
    rows = connection.execute(_SQL["journal"], (tenant, pack(execution_id))).fetchall()
    return tuple(
        StepJournal(intent=from_blob(StepIntent, intent), result=from_optional_blob(StepResult, result))
        for intent, result in rows
    )


def _status(connection: sqlite3.Connection, execution_id: str) -> str:
    rows = connection.execute(_SQL["status"], (pack(execution_id),)).fetchall()
    if not rows:
        raise _not_found()
    return str(rows[0][0])


def _not_found() -> NotFound:
    return NotFound("execution.not_found", "There is no such execution.")


def _execution(row: Sequence[Any]) -> Execution:
    execution_id, tenant, session_id, turn_id, group, requester, plan_hash, mode, request, created_at, *changing = row
    status, owner, updated_at, plan, result = changing
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
    )
