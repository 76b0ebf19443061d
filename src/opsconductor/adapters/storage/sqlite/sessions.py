"""Sessions, their locks, and customer data."""

import dataclasses
import sqlite3
from collections.abc import Mapping
from functools import lru_cache

from opsconductor.adapters.sql_statements import Statements
from opsconductor.adapters.storage.sqlite.blobs import from_blob, to_blob
from opsconductor.adapters.storage.sqlite.changes import Change
from opsconductor.adapters.storage.sqlite.packed import pack
from opsconductor.domain.customer import VariableEntry
from opsconductor.domain.errors import Conflict
from opsconductor.domain.turn import Session

_SQL = Statements(__package__, "sessions")


def taking(tenant: str, session_id: str, owner: str, lease_s: float, instead_of: str) -> Change:
    """Lock the session, or renew the lock; the refusal's fact `holder` says who has it."""
    row = {
        "tenant": tenant,
        "session_id": pack(session_id),
        "owner": owner,
        "instead_of": instead_of,
        "lease_ms": int(lease_s * 1000),
    }

    def change(connection: sqlite3.Connection) -> None:
        if connection.execute(_SQL["take_lock"], row).rowcount == 0:
            raise _busy(connection.execute(_SQL["holder"], row).fetchall()[0][0])

    return change


def releasing(tenant: str, session_id: str, owner: str) -> Change:
    """Give the lock back."""
    row = {"tenant": tenant, "session_id": pack(session_id), "owner": owner}

    def change(connection: sqlite3.Connection) -> None:
        connection.execute(_SQL["release_lock"], row)

    return change


def saving(session: Session, expected_turn_count: int, owner: str) -> Change:
    """Insert or replace the session, without its variables."""
    row = {
        "tenant": session.tenant,
        "session_id": pack(session.session_id),
        "identity_id": pack(session.identity_id),
        "turn_count": session.turn_count,
        "expected": expected_turn_count,
        "owner": owner,
        "body": to_blob(dataclasses.replace(session, variables={}) if session.variables else session),
    }

    def change(connection: sqlite3.Connection) -> None:
        if connection.execute(_SQL["change_session"], row).rowcount:
            return
        holders = connection.execute(_SQL["holder"], row).fetchall()
        if holders != [(owner,)]:
            raise _busy(*holders[0]) if holders else _busy("")
        if expected_turn_count or connection.execute(_SQL["add_session"], row).rowcount == 0:
            raise Conflict("store.conflict", "The session has had another turn in the meantime.")

    return change


def keeping_customer_data(tenant: str, customer_id: str, entries: tuple[VariableEntry, ...]) -> Change:
    """Insert or replace the entries."""
    rows = [(tenant, pack(customer_id), entry.key, to_blob(entry)) for entry in entries]

    def change(connection: sqlite3.Connection) -> None:
        connection.executemany(_SQL["keep_customer_entry"], rows)

    return change


def session(connection: sqlite3.Connection, tenant: str, session_id: str) -> Session | None:
    """One session."""
    return _first(connection.execute(_SQL["session"], (tenant, pack(session_id))))


def latest_session(connection: sqlite3.Connection, tenant: str, identity_id: str) -> Session | None:
    """The session the identity used last."""
    return _first(connection.execute(_SQL["latest_session"], (tenant, pack(identity_id))))


def customer_data(connection: sqlite3.Connection, tenant: str, customer_id: str) -> Mapping[str, VariableEntry]:
    """All entries of a customer by key."""
    rows = connection.execute(_SQL["customer_data"], (tenant, pack(customer_id))).fetchall()
    return {key: from_blob(VariableEntry, body) for key, body in rows}


def _first(cursor: sqlite3.Cursor) -> Session | None:
    rows = cursor.fetchall()
    return _session(rows[0][0]) if rows else None


@lru_cache(maxsize=64)  # a turn reads its session before and after it has the lock, and it is nearly always the same
def _session(body: bytes) -> Session:
    return from_blob(Session, body)


def _busy(holder: str) -> Conflict:
    return Conflict("session.busy", "Another message of this session is being worked on.", holder=holder)
