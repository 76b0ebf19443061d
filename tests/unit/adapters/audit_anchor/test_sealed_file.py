"""What the promises of the port do not say: the file itself."""

import stat
from multiprocessing.pool import ThreadPool
from pathlib import Path

import pytest

from opsconductor.adapters.audit_anchor.sealed_file import open_anchor
from opsconductor.domain.audit import AuditHead
from opsconductor.domain.errors import Unavailable

KEY = b"k" * 32


def test_only_the_owner_reads_it(tmp_path: Path) -> None:
    open_anchor(tmp_path / "audit.anchor", KEY).keep({"default": AuditHead(seq=1, hash="00")})
    assert stat.S_IMODE((tmp_path / "audit.anchor").stat().st_mode) == 0o600


def test_writers_at_once_lose_no_head(tmp_path: Path) -> None:
    def keep(number: int) -> None:
        head = AuditHead(seq=number, hash=f"{number:02x}")
        open_anchor(tmp_path / "audit.anchor", KEY).keep({f"tenant-{number % 4}": head, "all": head})

    with ThreadPool(8) as pool:
        pool.map(keep, range(1, 101))
    heads = open_anchor(tmp_path / "audit.anchor", KEY).heads()
    assert {tenant: head.seq for tenant, head in heads.items()} == {
        "all": 100,
        "tenant-0": 100,
        "tenant-1": 97,
        "tenant-2": 98,
        "tenant-3": 99,
    }


def test_a_folder_that_is_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "keys").write_text("no folder")
    with pytest.raises(Unavailable) as refused:
        open_anchor(tmp_path / "keys" / "audit.anchor", KEY).keep({"default": AuditHead(seq=1, hash="00")})
    assert refused.value.code == "home.unusable"
