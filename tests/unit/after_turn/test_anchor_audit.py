"""Where the chains have come is kept outside the store."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from opsconductor.adapters.audit.hmac_seal import HmacSeal
from opsconductor.adapters.audit_anchor.sealed_file import SealedFileAnchor
from opsconductor.adapters.storage.sqlite import open_storage
from opsconductor.after_turn.anchor_audit import AnchorAudit
from opsconductor.domain.audit import AuditEntry, AuditHead
from opsconductor.domain.errors import InternalFault
from opsconductor.ports.storage import Storage

KEY = b"k" * 32


async def append(storage: Storage, tenant: str) -> None:
    unit = storage.begin()
    unit.append_audit(
        AuditEntry(tenant=tenant, at="2026-05-05T12:00:00.000Z", actor="id_1", action="turn.finished", subject="turn_1")
    )
    await unit.commit()


async def test_every_tenants_head_is_kept_as_it_grows(home: Path) -> None:
    kept = SealedFileAnchor(home / "audit.anchor", KEY)
    async with open_storage(home / "a.db", HmacSeal(KEY)) as storage:
        anchor = AnchorAudit(storage, kept)
        assert await anchor.run_once() == 0
        for tenant in ("default", "default", "other"):
            await append(storage, tenant)
        assert await anchor.run_once() == 2
        newest = (await storage.audit("default"))[-1]
        assert kept.heads()["default"] == AuditHead(seq=2, hash=newest.hash)
        assert kept.heads()["other"].seq == 1
        assert await anchor.run_once() == 0
        await append(storage, "other")
        assert await anchor.run_once() == 1
        assert kept.heads()["other"].seq == 2


async def test_an_anchor_that_was_altered_is_told_not_written_over(home: Path) -> None:
    path = home / "audit.anchor"
    async with open_storage(home / "a.db", HmacSeal(KEY)) as storage:
        await append(storage, "default")
        await AnchorAudit(storage, SealedFileAnchor(path, KEY)).run_once()
        path.write_bytes(path.read_bytes().replace(b"[1,", b"[0,"))
        altered = path.read_bytes()
        await append(storage, "default")
        with pytest.raises(InternalFault) as refused:
            await AnchorAudit(storage, SealedFileAnchor(path, KEY)).run_once()
        assert refused.value.code == "audit.broken"
        assert path.read_bytes() == altered


async def test_a_store_that_was_set_back_does_not_set_the_anchor_back(home: Path) -> None:
    kept = SealedFileAnchor(home / "audit.anchor", KEY)
    async with open_storage(home / "a.db", HmacSeal(KEY)) as storage:
        for _ in range(3):
            await append(storage, "default")
        await AnchorAudit(storage, kept).run_once()
    with closing(sqlite3.connect(home / "a.db", isolation_level=None)) as connection:
        connection.execute("DELETE FROM audit")
        connection.execute("DELETE FROM audit_heads")
    async with open_storage(home / "a.db", HmacSeal(KEY)) as storage:
        await append(storage, "default")
        await AnchorAudit(storage, kept).run_once()
    assert kept.heads()["default"].seq == 3
