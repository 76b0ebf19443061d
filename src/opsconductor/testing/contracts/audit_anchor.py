"""What every engine of the audit anchor port promises: heads that only move forward, and tampering that shows."""

from collections.abc import Callable
from pathlib import Path

import pytest

from opsconductor.domain.audit import AuditHead
from opsconductor.domain.errors import InternalFault
from opsconductor.ports.audit import AuditAnchor

OpenAnchor = Callable[[Path, bytes], AuditAnchor]
KEY = b"k" * 32
FIRST, LATER = AuditHead(seq=3, hash="03" * 32), AuditHead(seq=9, hash="09" * 32)


def holds_nothing_before_the_first(open_anchor: OpenAnchor, path: Path) -> None:
    """A new home has no anchor, and that is no fault."""
    assert open_anchor(path, KEY).heads() == {}


def keeps_heads_for_whoever_opens_it_next(open_anchor: OpenAnchor, path: Path) -> None:
    """Each tenant has its own."""
    open_anchor(path, KEY).keep({"default": FIRST, "other": LATER})
    assert open_anchor(path, KEY).heads() == {"default": FIRST, "other": LATER}


def moves_forward_only(open_anchor: OpenAnchor, path: Path) -> None:
    """A slower writer, or a store that was set back, does not set the anchor back; other tenants' heads stay."""
    anchor = open_anchor(path, KEY)
    anchor.keep({"default": LATER, "other": FIRST})
    anchor.keep({"default": FIRST})
    anchor.keep({"default": AuditHead(seq=9, hash="ff" * 32)})
    assert anchor.heads() == {"default": LATER, "other": FIRST}


def shows_that_it_was_altered(open_anchor: OpenAnchor, path: Path) -> None:
    """A file that another key sealed, or that somebody edited, is refused for reading and for writing."""
    open_anchor(path, KEY).keep({"default": LATER})
    other = open_anchor(path, b"j" * 32)
    with pytest.raises(InternalFault) as reading:
        other.heads()
    with pytest.raises(InternalFault) as writing:
        other.keep({"default": LATER})
    assert (reading.value.code, writing.value.code) == ("audit.broken", "audit.broken")
    path.write_bytes(path.read_bytes().replace(b"9", b"8", 1))
    with pytest.raises(InternalFault):
        open_anchor(path, KEY).heads()


PROMISES: tuple[Callable[[OpenAnchor, Path], None], ...] = (
    holds_nothing_before_the_first,
    keeps_heads_for_whoever_opens_it_next,
    moves_forward_only,
    shows_that_it_was_altered,
)
