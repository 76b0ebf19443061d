"""Values of recent sessions in memory; the least recently used go first."""

from opsconductor.adapters.session_memory.in_process import InProcessSessionMemory
from opsconductor.domain.customer import VariableEntry


def entries(value: str) -> dict[str, VariableEntry]:
    return {"k": VariableEntry(key="k", value=value, source="user", confidence=1.0, updated_at="")}


def test_the_least_recently_used_session_is_forgotten() -> None:
    memory = InProcessSessionMemory(capacity=2)
    memory.keep("a", entries("1"))
    memory.keep("b", entries("2"))
    memory.recall("a")
    memory.keep("c", entries("3"))
    assert memory.recall("b") == {}
    assert (memory.recall("a"), memory.recall("c")) == (entries("1"), entries("3"))
