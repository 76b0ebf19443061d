"""The audit chain: each entry gets its tenant's next number, and a seal over everything before it.

Whoever appends holds the row of the tenant's head until the commit: writers of all processes chain one after another.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from operator import attrgetter

from opsconductor.adapters.sql_statements import Statements
from opsconductor.adapters.storage.postgresql.transaction import Cursor, Row, Transaction
from opsconductor.domain.audit import AuditEntry, ChainedAudit
from opsconductor.ports.audit import AuditSeal
from opsconductor.ports.canonical import ascii_canonical

_SQL = Statements(__package__, "audit")

_tenant = attrgetter("tenant")
_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=dict).encode


Heads = Mapping[str, Cursor]
"""By tenant: a question for the end of its chain, which is held from then on."""


async def hold_heads(transaction: Transaction, entries: Sequence[AuditEntry]) -> Heads:
    """Hold the chains that `entries` go to, in the order of tenants; nothing is waited for yet."""
    return {tenant: await transaction.ask_for_head(tenant) for tenant in sorted({entry.tenant for entry in entries})}


async def append(transaction: Transaction, seal: AuditSeal, heads: Heads, entries: Sequence[AuditEntry]) -> None:
    """Chain `entries` in their order to the heads that are held."""
    for tenant, mine in groupby(sorted(entries, key=_tenant), key=_tenant):  # the order within a tenant stays
        ((seq, previous),) = await transaction.answer(heads[tenant])
        await _append_of_tenant(transaction, seal, tenant, seq, bytes(previous), mine)


async def read(transaction: Transaction, tenant: str, after: int, limit: int) -> tuple[ChainedAudit, ...]:
    """The rows numbered higher than `after`, at most `limit`, in order."""
    rows = await transaction.rows(_SQL["entries"], {"tenant": tenant, "after": after, "limit": limit})
    return tuple(_from_row(tenant, row) for row in rows)


async def head(transaction: Transaction, tenant: str) -> tuple[int, str]:
    """Number and seal of the newest row; (0, "") before the first."""
    found = await transaction.rows(_SQL["head"], {"tenant": tenant})
    return (found[0][0], found[0][1].hex()) if found and found[0][0] else (0, "")


async def tenants(transaction: Transaction) -> tuple[str, ...]:
    """Every tenant that has a chain, by name."""
    return tuple(name for (name,) in await transaction.rows(_SQL["tenants"], {}))


async def _append_of_tenant(
    transaction: Transaction, seal: AuditSeal, tenant: str, seq: int, previous: bytes, entries: Iterable[AuditEntry]
) -> None:
    await transaction.serve(tenant)
    rows = []
    for entry in entries:
        seq += 1
        previous = seal.seal(previous, seq, entry)
        rows.append((seq, entry.at, entry.actor, entry.action, entry.subject, _detail(entry), previous))
    names = ("seqs", "times", "actors", "actions", "subjects", "details", "hashes")
    columns = {name: list(values) for name, values in zip(names, zip(*rows, strict=True), strict=True)}
    await transaction.send(_SQL["add_entries"], {"tenant": tenant, "seq": seq, "hash": previous, **columns})


def _detail(entry: AuditEntry) -> str:
    return ascii_canonical(entry.detail) or _json(entry.detail)


def _from_row(tenant: str, row: Row) -> ChainedAudit:
    seq, at, actor, action, subject, detail, seal = row
    entry = AuditEntry(tenant=tenant, at=at, actor=actor, action=action, subject=subject, detail=json.loads(detail))
    return ChainedAudit(seq=seq, entry=entry, hash=seal.hex())
