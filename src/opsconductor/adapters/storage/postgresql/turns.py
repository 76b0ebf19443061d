"""Accepted requests, their records, and the keys that make a repeated request the same one."""

from opsconductor.adapters.record_digest import record_digest
from opsconductor.adapters.sql_statements import Statements
from opsconductor.adapters.storage.postgresql.bodies import from_body
from opsconductor.adapters.storage.postgresql.changes import Change
from opsconductor.adapters.storage.postgresql.transaction import Row, Transaction
from opsconductor.domain.errors import Conflict
from opsconductor.domain.turn import AcceptedTurn, Trigger, TurnRecord
from opsconductor.ports.storage import KEY_LIFETIME_S, IdempotencyRow

_SQL = Statements(__package__, "turns")


def accepting(turn: AcceptedTurn) -> Change:
    """Insert the request."""
    row = {
        "turn_id": turn.turn_id,
        "tenant": turn.tenant,
        "session_id": turn.session_id,
        "turn_group": turn.turn_group,
        "identity_id": turn.identity_id,
        "channel": turn.channel,
        "opened_by": turn.trigger.value,
        "message": turn.message,
        "approval_id": turn.approval_id,
        "received_at": turn.received_at,
        "owner": turn.owner,
        "state": turn.state,
    }

    async def change(transaction: Transaction) -> None:
        await transaction.serve(turn.tenant)
        await transaction.send(_SQL["accept"], row)

    return change


def remembering_key(key: IdempotencyRow) -> Change:
    """Bind the key, unless it is bound."""
    row = {
        "tenant": key.tenant,
        "key": key.key,
        "body_hash": key.body_hash,
        "turn_id": key.turn_id,
        "created_at": key.created_at,
        "lifetime_ms": KEY_LIFETIME_S * 1000,
    }

    async def change(transaction: Transaction) -> None:
        await transaction.serve(key.tenant)
        if await transaction.change(_SQL["remember_key"], row) == 0:
            raise Conflict("store.conflict", "This Idempotency-Key has been used.")
        await transaction.send(_SQL["forget_keys"], row)

    return change


def finishing(record: TurnRecord, body: str) -> Change:
    """Append the record of an accepted turn; `body` is its JSON."""
    row = {"tenant": record.tenant, "turn_id": record.turn_id, "body": body}

    async def change(transaction: Transaction) -> None:
        await transaction.serve(record.tenant)
        finished = await transaction.rows(_SQL["finish"], row)
        if not finished:
            raise Conflict("store.conflict", "The turn was never accepted, or has its record already.")
        await transaction.send(_SQL["add_record"], {**row, "number": finished[0][0]})

    return change


async def accepted(transaction: Transaction, tenant: str, turn_id: str) -> AcceptedTurn | None:
    """One request as accepted."""
    rows = await transaction.rows(_SQL["accepted"], {"tenant": tenant, "turn_id": turn_id})
    return _accepted(rows[0]) if rows else None


async def open_turns(transaction: Transaction) -> tuple[AcceptedTurn, ...]:
    """Requests without a record, of all tenants, oldest first."""
    return tuple(map(_accepted, await transaction.rows(_SQL["open"], {})))


async def record(transaction: Transaction, tenant: str, turn_id: str) -> TurnRecord | None:
    """The record of one turn."""
    rows = await transaction.rows(_SQL["record"], {"tenant": tenant, "turn_id": turn_id})
    return from_body(TurnRecord, rows[0][0]) if rows else None


async def records(transaction: Transaction, tenant: str, session_id: str, limit: int) -> tuple[TurnRecord, ...]:
    """The newest records of a tenant, or of one of its sessions."""
    statement = _SQL["records_of_session" if session_id else "records"]
    rows = await transaction.rows(statement, {"tenant": tenant, "session_id": session_id, "limit": limit})
    return tuple(from_body(TurnRecord, body) for (body,) in rows)


async def record_digests(transaction: Transaction, tenant: str, limit: int, before: str) -> tuple[tuple[str, str], ...]:
    """Turns with the digests of their records, newest first."""
    statement = _SQL["bodies_before" if before else "bodies"]
    rows = await transaction.rows(statement, {"tenant": tenant, "limit": limit, "before": before})
    return tuple((turn_id, record_digest(body.encode())) for turn_id, body in rows)


async def idempotency(transaction: Transaction, tenant: str, key: str) -> IdempotencyRow | None:
    """What the key was used for."""
    rows = await transaction.rows(_SQL["idempotency"], {"tenant": tenant, "key": key})
    if not rows:
        return None
    body_hash, turn_id, created_at = rows[0]
    return IdempotencyRow(tenant=tenant, key=key, body_hash=body_hash, turn_id=turn_id, created_at=created_at)


def _accepted(row: Row) -> AcceptedTurn:
    tenant, turn_id, session_id, group, identity_id, channel, opened_by, message, approval_id, at, owner, state = row
    return AcceptedTurn(
        turn_id=turn_id,
        tenant=tenant,
        session_id=session_id,
        turn_group=group,
        identity_id=identity_id,
        channel=channel,
        trigger=Trigger(opened_by),
        message=message,
        approval_id=approval_id,
        received_at=at,
        owner=owner,
        state=state,
    )
