"""What every engine of the session memory port promises."""

from collections.abc import Callable

from opsconductor.domain.customer import VariableEntry
from opsconductor.ports.session_memory import SessionMemory


def _entries(value: str) -> dict[str, VariableEntry]:
    return {"k": VariableEntry(key="k", value=value, source="user", confidence=1.0, updated_at="")}


def what_is_kept_is_recalled(memory: SessionMemory) -> None:
    """By session, and by no other."""
    assert memory.recall("a") == {}
    memory.keep("a", _entries("1"))
    memory.keep("b", _entries("2"))
    assert (memory.recall("a"), memory.recall("b")) == (_entries("1"), _entries("2"))


def keeping_replaces_everything(memory: SessionMemory) -> None:
    """Also with nothing."""
    memory.keep("a", _entries("1"))
    memory.keep("a", _entries("2"))
    assert memory.recall("a") == _entries("2")
    memory.keep("a", {})
    assert memory.recall("a") == {}


def what_the_giver_changes_later_is_not_kept(memory: SessionMemory) -> None:
    """The entries are taken as they are at that moment."""
    entries = _entries("1")
    memory.keep("a", entries)
    entries.clear()
    assert memory.recall("a") == _entries("1")


PROMISES: tuple[Callable[[SessionMemory], None], ...] = (
    what_is_kept_is_recalled,
    keeping_replaces_everything,
    what_the_giver_changes_later_is_not_kept,
)
