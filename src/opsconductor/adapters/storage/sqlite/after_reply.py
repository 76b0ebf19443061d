"""What follows a reply: the outbox, memories and the counters of analytics."""

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

from opsconductor.adapters.sql_statements import Statements
from opsconductor.adapters.storage.sqlite.blobs import from_blob, to_blob
from opsconductor.adapters.storage.sqlite.changes import Change
from opsconductor.adapters.storage.sqlite.packed import pack, pack_optional_time, pack_time, unpack, unpack_time
from opsconductor.domain.json_value import Json
from opsconductor.domain.knowledge import Memory
from opsconductor.domain.outbox import OutboxMessage

_SQL = Statements(__package__, "after_reply")


def adding_message(message: OutboxMessage) -> Change:
    """Insert a message, due at once."""
    row = (
        pack(message.message_id),
        message.tenant,
        message.topic,
        pack(message.turn_id),
        to_blob(dict(message.payload)),
        pack_time(message.created_at),
        message.attempts,
    )

    def change(connection: sqlite3.Connection) -> None:
        connection.execute(_SQL["add_message"], row)

    return change


def finishing_message(message_id: str) -> Change:
    """Take a delivered message out."""

    def change(connection: sqlite3.Connection) -> None:
        connection.execute(_SQL["finish_message"], (pack(message_id),))

    return change


def retrying_message(message_id: str, delay_s: float, error: str) -> Change:
    """Put a message off after a failed attempt."""
    row = {"message_id": pack(message_id), "delay_ms": int(delay_s * 1000), "error": error}

    def change(connection: sqlite3.Connection) -> None:
        connection.execute(_SQL["retry_message"], row)

    return change


def adding_memory(memory: Memory) -> Change:
    """Insert a memory, unless it is there."""
    row = (pack(memory.memory_id), memory.tenant, pack_optional_time(memory.valid_to), to_blob(memory))

    def change(connection: sqlite3.Connection) -> None:
        for (number,) in connection.execute(_SQL["add_memory"], row).fetchall():
            about = [(memory.tenant, pack(entity), number) for entity in memory.entities]
            connection.executemany(_SQL["add_memory_entity"], about)

    return change


def adding_counts(tenant: str, day: str, counts: Mapping[str, int], message_id: str) -> Change:
    """Add to the counters, unless this message has been counted."""
    rows = [(tenant, day, name, value) for name, value in counts.items()]

    def change(connection: sqlite3.Connection) -> None:
        if connection.execute(_SQL["count_message"], (pack(message_id),)).rowcount:
            connection.executemany(_SQL["add_count"], rows)

    return change


def due(connection: sqlite3.Connection, limit: int) -> tuple[OutboxMessage, ...]:
    """Messages whose time has come, of all tenants, oldest first."""
    return tuple(map(_message, connection.execute(_SQL["due"], (limit,)).fetchall()))


def memories(connection: sqlite3.Connection, tenant: str, entities: Sequence[str], limit: int) -> tuple[Memory, ...]:
    """Valid memories about any of `entities`, or of all, newest first."""
    if not entities:
        rows = connection.execute(_SQL["newest_memories"], {"tenant": tenant, "limit": limit}).fetchall()
        return tuple(from_blob(Memory, body) for _, body in rows)
    found: dict[int, bytes] = {}
    for entity in entities:
        row = {"tenant": tenant, "entity": pack(entity), "limit": limit}
        found.update(connection.execute(_SQL["memories_about"], row).fetchall())
    newest = sorted(found, reverse=True)[:limit]
    return tuple(from_blob(Memory, found[number]) for number in newest)


def counts(connection: sqlite3.Connection, tenant: str) -> Mapping[str, int]:
    """Every counter of a tenant over all days."""
    return dict(connection.execute(_SQL["counts"], (tenant,)).fetchall())


def _message(row: Sequence[Any]) -> OutboxMessage:
    message_id, tenant, topic, turn_id, payload, created_at, attempts = row
    return OutboxMessage(
        message_id=unpack(message_id),
        tenant=tenant,
        topic=topic,
        turn_id=unpack(turn_id),
        payload=from_blob(dict[str, Json], payload),
        created_at=unpack_time(created_at),
        attempts=attempts,
    )
