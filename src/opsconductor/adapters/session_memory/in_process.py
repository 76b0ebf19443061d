"""SESSION-scope values in this process's memory, for the most recent sessions."""

from collections import OrderedDict
from collections.abc import Mapping

from opsconductor.domain.customer import VariableEntry


class InProcessSessionMemory:
    """Remembers up to `capacity` sessions, the least recently used forgotten first."""

    def __init__(self, capacity: int = 10_000) -> None:
        self._capacity = capacity
        self._sessions: OrderedDict[str, Mapping[str, VariableEntry]] = OrderedDict()

    def recall(self, session_id: str) -> Mapping[str, VariableEntry]:
        """What the session's earlier turns left."""
        if session_id in self._sessions:
            self._sessions.move_to_end(session_id)
        return self._sessions.get(session_id, {})

    def keep(self, session_id: str, entries: Mapping[str, VariableEntry]) -> None:
        """Replace what is kept for the session."""
        if not entries:
            self._sessions.pop(session_id, None)
            return
        self._sessions[session_id] = dict(entries)
        self._sessions.move_to_end(session_id)
        while len(self._sessions) > self._capacity:
            self._sessions.popitem(last=False)
