"""What seals a record: the digest of its bytes, in its row of the chain."""

import hashlib

from opsconductor.adapters.json_codec import dump_bytes
from opsconductor.adapters.record_digest import record_digest, with_digest
from opsconductor.testing.contracts.storage import samples


def test_the_digest_is_of_the_bytes() -> None:
    body = dump_bytes(samples.record())
    assert record_digest(body) == "sha256:" + hashlib.sha256(body).hexdigest()
    assert record_digest(body) != record_digest(body + b" ")


def test_the_row_keeps_what_it_said() -> None:
    row = samples.audit_entry()
    sealed = with_digest(row, b"{}")
    assert sealed.detail == {**row.detail, "record": record_digest(b"{}")}
    assert sealed.subject == row.subject
