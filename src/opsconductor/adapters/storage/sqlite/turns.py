"""Accepted requests, their records, and the keys that make a repeated request the same one."""

import sqlite3
import zlib
from collections.abc import Sequence
from typing import Any

from opsconductor.adapters.record_digest import record_digest
from opsconductor.adapters.sql_statements import Statements
from opsconductor.adapters.storage.sqlite.blobs import from_blob, packed, unpacked
from opsconductor.adapters.storage.sqlite.changes import Change, demand_change
from opsconductor.adapters.storage.sqlite.packed import pack, pack_time, unpack, unpack_time
from opsconductor.domain.errors import Conflict
from opsconductor.domain.turn import AcceptedTurn, Trigger, TurnRecord
from opsconductor.ports.storage import KEY_LIFETIME_S, IdempotencyRow

_SQL = Statements(__package__, "turns")


def accepting(turn: AcceptedTurn) -> Change:
    """Insert the request."""
    row = {
        "turn_id": pack(turn.turn_id),
        "tenant": turn.tenant,
        "session_id": pack(turn.session_id),
        "turn_group": None if turn.turn_group == turn.turn_id else pack(turn.turn_group),
        "identity_id": pack(turn.identity_id),
        "channel": turn.channel,
        "opened_by": turn.trigger.value,
        "message": turn.message,
        "approval_id": pack(turn.approval_id),
        "received_at": pack_time(turn.received_at),
        "owner": turn.owner,
        "state": turn.state,
    }

    def change(connection: sqlite3.Connection) -> None:
        connection.execute(_SQL["accept"], row)

    return change


def remembering_key(key: IdempotencyRow) -> Change:
    """Bind the key, unless it is bound."""
    row = {
        "tenant": key.tenant,
        "key": key.key,
        "body_hash": pack(key.body_hash),
        "turn_id": pack(key.turn_id),
        "created_at": pack_time(key.created_at),
        "lifetime_ms": KEY_LIFETIME_S * 1000,
    }

    def change(connection: sqlite3.Connection) -> None:
        bound = connection.execute(_SQL["remember_key"], row)
        demand_change(bound, Conflict("store.conflict", "This Idempotency-Key has been used."))
        connection.execute(_SQL["forget_keys"])

    return change


def finishing(record: TurnRecord, written: bytes) -> Change:
    """Append the record of an accepted turn; `written` is its JSON."""
    body = packed(written)

    def change(connection: sqlite3.Connection) -> None:
        rows = connection.execute(_SQL["finish"], (record.tenant, pack(record.turn_id))).fetchall()
        if not rows:
            raise Conflict("store.conflict", "The turn was never accepted, or has its record already.")
        connection.execute(_SQL["add_record"], (rows[0][0], body))

    return change


def accepted(connection: sqlite3.Connection, tenant: str, turn_id: str) -> AcceptedTurn | None:
    """One request as accepted."""
    rows = connection.execute(_SQL["accepted"], (tenant, pack(turn_id))).fetchall()
    return _accepted(rows[0]) if rows else None


def open_turns(connection: sqlite3.Connection) -> tuple[AcceptedTurn, ...]:
    """Requests without a record, of all tenants, oldest first."""
    return tuple(map(_accepted, connection.execute(_SQL["open"]).fetchall()))


def record(connection: sqlite3.Connection, tenant: str, turn_id: str) -> TurnRecord | None:
    """The record of one turn."""
    rows = connection.execute(_SQL["record"], (tenant, pack(turn_id))).fetchall()
    return from_blob(TurnRecord, rows[0][0]) if rows else None


def records(connection: sqlite3.Connection, tenant: str, session_id: str, limit: int) -> tuple[TurnRecord, ...]:
    """The newest records of a tenant, or of one of its sessions."""
    if session_id:
        rows = connection.execute(_SQL["records_of_session"], (tenant, pack(session_id), limit)).fetchall()
    else:
        rows = connection.execute(_SQL["records"], (tenant, limit)).fetchall()
    return tuple(from_blob(TurnRecord, row[0]) for row in rows)


def record_digests(connection: sqlite3.Connection, tenant: str, limit: int, before: str) -> tuple[tuple[str, str], ...]:
    """Turns with the digests of their records, newest first; "" for a record that is no record any more."""
    row = {"tenant": tenant, "limit": limit, "before": pack(before)}
    rows = connection.execute(_SQL["bodies_before" if before else "bodies"], row).fetchall()
    return tuple((unpack(turn_id), _digest(body)) for turn_id, body in rows)


def _digest(body: bytes) -> str:
    try:
        written = unpacked(body)
    except zlib.error:
        return ""
    return record_digest(written) if written is not None else ""


def idempotency(connection: sqlite3.Connection, tenant: str, key: str) -> IdempotencyRow | None:
    """What the key was used for."""
    rows = connection.execute(_SQL["idempotency"], (tenant, key)).fetchall()
    if not rows:
        return None
    body_hash, turn_id, created_at = rows[0]
    return IdempotencyRow(
        tenant=tenant,
        key=key,
        body_hash=unpack(body_hash),
        turn_id=unpack(turn_id),
        created_at=unpack_time(created_at),
    )


def _accepted(row: Sequence[Any]) -> AcceptedTurn:
    tenant, turn_id, session_id, group, identity_id, channel, opened_by, message, approval_id, at, owner, state = row
    return AcceptedTurn(
        turn_id=unpack(turn_id),
        tenant=tenant,
        session_id=unpack(session_id),
        turn_group=unpack(turn_id if group is None else group),
        identity_id=unpack(identity_id),
        channel=channel,
        trigger=Trigger(opened_by),
        message=message,
        approval_id=unpack(approval_id),
        received_at=unpack_time(at),
        owner=owner,
        state=state,
    )
