"""The audit chain: each entry gets its tenant's next number, and a seal over everything before it."""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any

from opsconductor.adapters.sql_statements import Statements
from opsconductor.adapters.storage.sqlite.packed import pack, pack_time, unpack, unpack_time
from opsconductor.domain.audit import AuditEntry, ChainedAudit
from opsconductor.ports.audit import AuditSeal
from opsconductor.ports.canonical import ascii_canonical

_SQL = Statements(__package__, "audit")

_PLACES = 1 << 40
"""A row's place is its tenant's number times this, plus its own: one tenant's chain lies together, without an index."""

_FIRST = bytes(32)
_tenant = attrgetter("tenant")
_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=dict).encode


def append(connection: sqlite3.Connection, seal: AuditSeal, entries: Sequence[AuditEntry]) -> None:
    """Chain `entries` in their order; the transaction is the caller's."""
    for tenant, mine in groupby(sorted(entries, key=_tenant), key=_tenant):  # the order within a tenant stays
        _append_of_tenant(connection, seal, tenant, mine)


def read(connection: sqlite3.Connection, tenant: str, after: int, limit: int) -> tuple[ChainedAudit, ...]:
    """The rows numbered higher than `after`, at most `limit`, in order."""
    rows = connection.execute(_SQL["entries"], {"tenant": tenant, "after": after, "limit": limit}).fetchall()
    return tuple(_from_row(tenant, row) for row in rows)


def head(connection: sqlite3.Connection, tenant: str) -> tuple[int, str]:
    """Number and seal of the newest row; (0, "") before the first."""
    found = connection.execute(_SQL["head"], (tenant,)).fetchall()
    return (found[0][1], found[0][2].hex()) if found and found[0][1] else (0, "")


def tenants(connection: sqlite3.Connection) -> tuple[str, ...]:
    """Every tenant that has a chain, by name."""
    return tuple(name for (name,) in connection.execute(_SQL["tenants"]).fetchall())


def _append_of_tenant(
    connection: sqlite3.Connection, seal: AuditSeal, tenant: str, entries: Iterable[AuditEntry]
) -> None:
    number, seq, previous = _head(connection, tenant)
    rows = []
    for entry in entries:
        seq += 1
        detail = ascii_canonical(entry.detail)
        previous = seal.seal(previous, seq, entry, detail)
        rows.append(
            (
                number * _PLACES + seq,
                pack_time(entry.at),
                pack(entry.actor),
                entry.action,
                pack(entry.subject),
                (detail or _json(entry.detail)) if entry.detail else None,
                previous,
            )
        )
    connection.executemany(_SQL["add_entry"], rows)
    connection.execute(_SQL["move_head"], (number, seq, previous))


def _head(connection: sqlite3.Connection, tenant: str) -> tuple[int, int, bytes]:
    if not (found := connection.execute(_SQL["head"], (tenant,)).fetchall()):
        connection.execute(_SQL["add_tenant"], (tenant,))
        found = connection.execute(_SQL["head"], (tenant,)).fetchall()
    number, seq, previous = found[0]
    return number, seq or 0, previous or _FIRST


def _from_row(tenant: str, row: Sequence[Any]) -> ChainedAudit:
    seq, at, actor, action, subject, detail, seal = row
    entry = AuditEntry(
        tenant=tenant,
        at=unpack_time(at),
        actor=unpack(actor),
        action=action,
        subject=unpack(subject),
        detail=json.loads(detail) if detail else {},
    )
    return ChainedAudit(seq=seq, entry=entry, hash=seal.hex())
