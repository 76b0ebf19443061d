"""What follows a reply: the outbox, memories and the counters of analytics."""

from collections.abc import Mapping, Sequence

from opsconductor.adapters.sql_statements import Statements
from opsconductor.adapters.storage.postgresql.bodies import from_body, to_body
from opsconductor.adapters.storage.postgresql.changes import Change
from opsconductor.adapters.storage.postgresql.times import milliseconds
from opsconductor.adapters.storage.postgresql.transaction import Row, Transaction
from opsconductor.domain.json_value import Json
from opsconductor.domain.knowledge import Memory
from opsconductor.domain.outbox import OutboxMessage

_SQL = Statements(__package__, "after_reply")


def adding_message(message: OutboxMessage) -> Change:
    """Insert a message, due at once."""
    row = {
        "message_id": message.message_id,
        "tenant": message.tenant,
        "topic": message.topic,
        "turn_id": message.turn_id,
        "payload": to_body(dict(message.payload)),
        "created_at": message.created_at,
        "attempts": message.attempts,
    }

    async def change(transaction: Transaction) -> None:
        await transaction.serve(message.tenant)
        await transaction.send(_SQL["add_message"], row)

    return change


def finishing_message(message_id: str) -> Change:
    """Take a delivered message out."""

    async def change(transaction: Transaction) -> None:
        await transaction.serve_owner_of("message", message_id)
        await transaction.send(_SQL["finish_message"], {"message_id": message_id})

    return change


def retrying_message(message_id: str, delay_s: float, error: str) -> Change:
    """Put a message off after a failed attempt."""
    row = {"message_id": message_id, "delay_ms": int(delay_s * 1000), "error": error}

    async def change(transaction: Transaction) -> None:
        await transaction.serve_owner_of("message", message_id)
        await transaction.send(_SQL["retry_message"], row)

    return change


def adding_memory(memory: Memory) -> Change:
    """Insert a memory, unless it is there."""
    row = {
        "memory_id": memory.memory_id,
        "tenant": memory.tenant,
        "until_ms": milliseconds(memory.valid_to),
        "body": to_body(memory),
    }

    async def change(transaction: Transaction) -> None:
        await transaction.serve(memory.tenant)
        for (number,) in await transaction.rows(_SQL["add_memory"], row):
            for entity in memory.entities:
                about = {"tenant": memory.tenant, "entity": entity, "number": number}
                await transaction.send(_SQL["add_memory_entity"], about)

    return change


def adding_counts(tenant: str, day: str, counts: Mapping[str, int], message_id: str) -> Change:
    """Add to the counters, unless this message has been counted."""
    rows = [{"tenant": tenant, "day": day, "name": name, "value": counts[name]} for name in sorted(counts)]

    async def change(transaction: Transaction) -> None:
        await transaction.serve(tenant)
        if await transaction.change(_SQL["count_message"], {"tenant": tenant, "message_id": message_id}):
            for row in rows:
                await transaction.send(_SQL["add_count"], row)

    return change


async def due(transaction: Transaction, limit: int) -> tuple[OutboxMessage, ...]:
    """Messages whose time has come, of all tenants, oldest first."""
    return tuple(map(_message, await transaction.rows(_SQL["due"], {"limit": limit})))


async def memories(transaction: Transaction, tenant: str, entities: Sequence[str], limit: int) -> tuple[Memory, ...]:
    """Valid memories about any of `entities`, or of all, newest first."""
    statement = _SQL["memories_about" if entities else "newest_memories"]
    rows = await transaction.rows(statement, {"tenant": tenant, "entities": list(entities), "limit": limit})
    return tuple(from_body(Memory, body) for (body,) in rows)


async def counts(transaction: Transaction, tenant: str) -> Mapping[str, int]:
    """Every counter of a tenant over all days."""
    return {name: int(value) for name, value in await transaction.rows(_SQL["counts"], {"tenant": tenant})}


def _message(row: Row) -> OutboxMessage:
    message_id, tenant, topic, turn_id, payload, created_at, attempts = row
    return OutboxMessage(
        message_id=message_id,
        tenant=tenant,
        topic=topic,
        turn_id=turn_id,
        payload=from_body(dict[str, Json], payload),
        created_at=created_at,
        attempts=attempts,
    )
