"""The audit chain has no gaps, and each hash covers everything before it."""

from collections.abc import Sequence
from dataclasses import replace

from opsconductor.domain.audit import ChainedAudit
from opsconductor.domain.json_value import JsonObject
from opsconductor.ports.audit import AuditSeal
from opsconductor.testing.contracts.storage import samples
from opsconductor.testing.contracts.storage.opened import Opened, Promise, refused

_DETAILS: tuple[JsonObject, ...] = (
    {},
    {"ms": 12, "ok": True, "none": None, "nested": {"list": [1, "two", []]}},
    {"text": "サーバー🚀", "z": 1, "a": 'é\u0301\n\t"\\'},
    {str(number): -number for number in range(20)},
)


def broken_at(seal: AuditSeal, rows: Sequence[ChainedAudit]) -> int | None:
    """Number of the first row whose hash is not what the seal makes of it; None when the chain is whole."""
    previous = bytes(32)
    for number, row in enumerate(rows, 1):
        previous = seal.seal(previous, number, row.entry)
        if row.seq != number or row.hash != previous.hex():
            return number
    return None


async def chains_entries_in_the_order_appended(opened: Opened) -> None:
    """Over units, numbered from 1, and they come back as they were."""
    entries = [samples.audit_entry(number, detail=detail) for number, detail in enumerate(_DETAILS * 3)]
    for start in range(0, len(entries), 5):
        async with opened.unit() as unit:
            for entry in entries[start : start + 5]:
                unit.append_audit(entry)
    rows = await opened.storage.audit("default")
    assert [row.entry for row in rows] == entries
    assert [row.seq for row in rows] == list(range(1, len(entries) + 1))
    assert broken_at(opened.seal, rows) is None


async def shows_what_was_changed(opened: Opened) -> None:
    """Any field of any row, a row left out, and rows exchanged."""
    async with opened.unit() as unit:
        for number in range(1, 6):
            unit.append_audit(samples.audit_entry(number))
    rows = list(await opened.storage.audit("default"))
    third = rows[2]
    for change in (
        replace(third.entry, actor="system"),
        replace(third.entry, at=samples.LATER),
        replace(third.entry, action="step.intent"),
        replace(third.entry, subject=""),
        replace(third.entry, detail={"phase": "p04_retrieve", "ms": 13}),
    ):
        assert broken_at(opened.seal, [*rows[:2], replace(third, entry=change), *rows[3:]]) == 3
    assert broken_at(opened.seal, [*rows[:2], *rows[3:]]) == 3
    assert broken_at(opened.seal, [*rows[:2], rows[3], rows[2], rows[4]]) == 3
    assert broken_at(opened.seal, rows) is None


async def gives_each_tenant_a_chain_of_its_own(opened: Opened) -> None:
    """Also when one unit appends for several."""
    for number in range(1, 6):
        async with opened.unit() as unit:
            for tenant in ("b", "a", "b"):
                unit.append_audit(samples.audit_entry(number, tenant))
    for tenant, length in (("a", 5), ("b", 10), ("c", 0)):
        rows = await opened.storage.audit(tenant)
        assert [row.seq for row in rows] == list(range(1, length + 1))
        assert {row.entry.tenant for row in rows} <= {tenant}
        assert broken_at(opened.seal, rows) is None


async def leaves_no_gap_where_a_unit_failed(opened: Opened) -> None:
    """Its entries never were."""
    for _ in range(3):
        async with opened.unit() as unit:
            unit.append_audit(samples.audit_entry())
        async with refused("execution.not_found"), opened.unit() as unit:
            unit.append_audit(samples.audit_entry(99))
            unit.move_execution(samples.move("pending", "running"))
    rows = await opened.storage.audit("default")
    assert [row.seq for row in rows] == [1, 2, 3]
    assert broken_at(opened.seal, rows) is None


async def refuses_what_cannot_be_hashed(opened: Opened) -> None:
    """A fraction in a detail; the change it belongs to does not happen either."""
    async with refused("plan.unhashable"), opened.unit() as unit:
        unit.accept_turn(samples.accepted())
        unit.append_audit(samples.audit_entry(detail={"ms": 12.5}))
    assert await opened.storage.open_turns() == ()
    assert await opened.storage.audit("default") == ()


async def is_read_page_by_page(opened: Opened) -> None:
    """From a number on, at most as many as asked."""
    async with opened.unit() as unit:
        for number in range(1, 31):
            unit.append_audit(samples.audit_entry(number))
    pages = [await opened.storage.audit("default", after=after, limit=7) for after in (0, 7, 14, 21, 28, 30)]
    assert [[row.seq for row in page] for page in pages] == [
        *(list(range(start, start + 7)) for start in (1, 8, 15, 22)),
        [29, 30],
        [],
    ]


async def tells_where_each_chain_ends(opened: Opened) -> None:
    """Number and hash of the newest row, and which tenants have a chain."""
    assert await opened.storage.audit_head("default") == (0, "")
    async with opened.unit() as unit:
        unit.add_execution(samples.execution(1, "quiet"))
        for number, tenant in ((1, "b"), (2, "a"), (3, "b")):
            unit.append_audit(samples.audit_entry(number, tenant))
    for tenant, length in (("a", 1), ("b", 2)):
        rows = await opened.storage.audit(tenant)
        assert await opened.storage.audit_head(tenant) == (length, rows[-1].hash)
    assert await opened.storage.audit_head("quiet") == (0, "")
    assert await opened.storage.tenants() == ("a", "b")


PROMISES: tuple[Promise, ...] = (
    chains_entries_in_the_order_appended,
    shows_what_was_changed,
    gives_each_tenant_a_chain_of_its_own,
    leaves_no_gap_where_a_unit_failed,
    refuses_what_cannot_be_hashed,
    is_read_page_by_page,
    tells_where_each_chain_ends,
)
