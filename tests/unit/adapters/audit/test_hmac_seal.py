import hashlib
import hmac
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from opsconductor.adapters.audit.hmac_seal import HmacSeal, load_or_create_key
from opsconductor.domain.audit import AuditEntry, ChainedAudit
from opsconductor.domain.errors import OpsConductorError
from opsconductor.domain.json_value import Json

KEY = b"k" * 32
SEAL = HmacSeal(KEY)
ENTRY = AuditEntry(tenant="default", at="2026-05-05T12:00:00.123Z", actor="idn_1", action="turn.accepted", subject="t")


def specified(previous: bytes, seq: int, entry: AuditEntry) -> bytes:
    """The seal as the port words it, the long way."""
    content = {
        "seq": seq,
        "tenant": entry.tenant,
        "at": entry.at,
        "actor": entry.actor,
        "action": entry.action,
        "subject": entry.subject,
        "detail": entry.detail,
    }
    return hmac.new(KEY, previous + rfc8785.dumps(content), hashlib.sha256).digest()


words = st.text(st.characters(max_codepoint=0x2FF, exclude_characters="\x00"), max_size=12).map(
    lambda text: text.encode("ascii", "ignore").decode() or "é"
)
details = st.dictionaries(
    words,
    st.recursive(st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | words, lambda one: st.lists(one)),
    max_size=5,
)


@given(st.binary(min_size=32, max_size=32), st.integers(1, 2**40), words, details)
def test_the_seal_is_the_one_that_is_specified(
    previous: bytes, seq: int, subject: str, detail: Mapping[str, Json]
) -> None:
    entry = replace(ENTRY, subject=subject, detail=detail)
    assert SEAL.seal(previous, seq, entry) == specified(previous, seq, entry)


def test_the_seal_of_one_entry_never_changes() -> None:
    # Stored chains were made with it.
    expected = hmac.new(
        KEY,
        bytes(32)
        + b'{"action":"turn.accepted","actor":"idn_1","at":"2026-05-05T12:00:00.123Z","detail":{},"seq":1,'
        + b'"subject":"t","tenant":"default"}',
        hashlib.sha256,
    )
    assert SEAL.seal(bytes(32), 1, ENTRY) == expected.digest()


def chain(length: int) -> list[ChainedAudit]:
    rows, previous = [], bytes(32)
    for seq in range(1, length + 1):
        entry = replace(ENTRY, subject=str(seq))
        previous = SEAL.seal(previous, seq, entry)
        rows.append(ChainedAudit(seq=seq, entry=entry, hash=previous.hex()))
    return rows


def test_a_whole_chain_is_whole_also_in_pages() -> None:
    rows = chain(10)
    assert SEAL.verify(rows) is None
    assert SEAL.verify([]) is None
    assert SEAL.verify(rows[4:], previous=bytes.fromhex(rows[3].hash), after=4) is None


def test_the_first_broken_row_is_named() -> None:
    rows = chain(10)
    assert SEAL.verify([*rows[:5], replace(rows[5], entry=replace(ENTRY, subject="changed")), *rows[6:]]) == 6
    assert SEAL.verify([*rows[:5], replace(rows[5], hash="00" * 32), *rows[6:]]) == 6
    assert SEAL.verify([*rows[:5], *rows[6:]]) == 6
    assert SEAL.verify([*rows[:5], rows[6], rows[5], *rows[7:]]) == 6
    assert SEAL.verify(rows[1:]) == 1
    assert HmacSeal(b"j" * 32).verify(rows) == 1


def test_the_key_is_made_once_and_is_private(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "audit.key"
    key = load_or_create_key(path)
    assert len(key) == 32
    assert load_or_create_key(path) == key
    assert load_or_create_key(tmp_path / "other.key") != key
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert [file.name for file in path.parent.iterdir()] == ["audit.key"]


def test_of_processes_that_start_at_once_all_have_the_same_key(tmp_path: Path) -> None:
    script = "import sys; from pathlib import Path; from opsconductor.adapters.audit.hmac_seal import *; "
    script += "print(load_or_create_key(Path(sys.argv[1])).hex())"
    command = [sys.executable, "-c", script, str(tmp_path / "keys" / "audit.key")]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(5)]
    keys = {process.communicate(timeout=30)[0].strip() for process in processes}
    assert len(keys) == 1
    assert len(keys.pop()) == 64


@pytest.mark.parametrize("content", [b"", b"short", b"x" * 33])
def test_a_damaged_key_is_told(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "audit.key").write_bytes(content)
    with pytest.raises(OpsConductorError) as caught:
        load_or_create_key(tmp_path / "audit.key")
    assert caught.value.code == "audit.broken"
    assert (tmp_path / "audit.key").read_bytes() == content


def test_a_key_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for path in (tmp_path / "file" / "audit.key", tmp_path):
        with pytest.raises(OpsConductorError) as caught:
            load_or_create_key(path)
        assert caught.value.code == "home.unusable"
