"""SESSION-scope values: alive as long as this process, never written anywhere."""

from collections.abc import Mapping
from typing import Protocol

from opsconductor.domain.customer import VariableEntry


class SessionMemory(Protocol):
    """Keeps the values of recent sessions in memory; old sessions may be forgotten."""

    def recall(self, session_id: str) -> Mapping[str, VariableEntry]:
        """What the session's earlier turns left; empty when nothing or forgotten."""
        ...

    def keep(self, session_id: str, entries: Mapping[str, VariableEntry]) -> None:
        """Replace what is kept for the session."""
        ...
