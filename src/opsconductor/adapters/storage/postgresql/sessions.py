"""Sessions, their locks, and customer data."""

import dataclasses
from collections.abc import Mapping, Sequence

from opsconductor.adapters.sql_statements import Statements
from opsconductor.adapters.storage.postgresql.bodies import from_body, to_body
from opsconductor.adapters.storage.postgresql.changes import Change
from opsconductor.adapters.storage.postgresql.transaction import Row, Transaction
from opsconductor.domain.customer import VariableEntry
from opsconductor.domain.errors import Conflict
from opsconductor.domain.turn import Session

_SQL = Statements(__package__, "sessions")


def taking(tenant: str, session_id: str, owner: str, lease_s: float, instead_of: str) -> Change:
    """Lock the session, or renew the lock; the refusal's fact `holder` says who has it."""
    row = {
        "tenant": tenant,
        "session_id": session_id,
        "owner": owner,
        "instead_of": instead_of,
        "lease_ms": int(lease_s * 1000),
    }

    async def change(transaction: Transaction) -> None:
        await transaction.serve(tenant)
        if await transaction.change(_SQL["take_lock"], row) == 0:
            raise _busy(await transaction.rows(_SQL["holder"], row))

    return change


def releasing(tenant: str, session_id: str, owner: str) -> Change:
    """Give the lock back."""
    row = {"tenant": tenant, "session_id": session_id, "owner": owner}

    async def change(transaction: Transaction) -> None:
        await transaction.serve(tenant)
        await transaction.send(_SQL["release_lock"], row)

    return change


def saving(session: Session, expected_turn_count: int, owner: str) -> Change:
    """Insert or replace the session, without its variables."""
    row = {
        "tenant": session.tenant,
        "session_id": session.session_id,
        "identity_id": session.identity_id,
        "turn_count": session.turn_count,
        "expected": expected_turn_count,
        "owner": owner,
        "body": to_body(dataclasses.replace(session, variables={}) if session.variables else session),
    }

    async def change(transaction: Transaction) -> None:
        await transaction.serve(session.tenant)
        holders = await transaction.rows(_SQL["hold"], row)  # and nobody takes it before this commit
        if holders != [(owner,)]:
            raise _busy(holders)
        if await transaction.change(_SQL["change_session"], row):
            return
        if expected_turn_count or await transaction.change(_SQL["add_session"], row) == 0:
            raise Conflict("store.conflict", "The session has had another turn in the meantime.")

    return change


def keeping_customer_data(tenant: str, customer_id: str, entries: tuple[VariableEntry, ...]) -> Change:
    """Insert or replace the entries."""
    rows = [
        {"tenant": tenant, "customer_id": customer_id, "key": entry.key, "body": to_body(entry)} for entry in entries
    ]

    async def change(transaction: Transaction) -> None:
        await transaction.serve(tenant)
        for row in rows:
            await transaction.send(_SQL["keep_customer_entry"], row)

    return change


async def session(transaction: Transaction, tenant: str, session_id: str) -> Session | None:
    """One session."""
    return _first(await transaction.rows(_SQL["session"], {"tenant": tenant, "session_id": session_id}))


async def latest_session(transaction: Transaction, tenant: str, identity_id: str) -> Session | None:
    """The session the identity used last."""
    return _first(await transaction.rows(_SQL["latest_session"], {"tenant": tenant, "identity_id": identity_id}))


async def customer_data(transaction: Transaction, tenant: str, customer_id: str) -> Mapping[str, VariableEntry]:
    """All entries of a customer by key."""
    rows = await transaction.rows(_SQL["customer_data"], {"tenant": tenant, "customer_id": customer_id})
    return {key: from_body(VariableEntry, body) for key, body in rows}


def _first(rows: Sequence[Row]) -> Session | None:
    return from_body(Session, rows[0][0]) if rows else None


def _busy(holders: Sequence[Row]) -> Conflict:
    holder = str(holders[0][0]) if holders else ""
    return Conflict("session.busy", "Another message of this session is being worked on.", holder=holder)
