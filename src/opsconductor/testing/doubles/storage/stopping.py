"""A wrapper round any storage that passes a failpoint before and after each commit: every step of the record."""

from typing import Any

from opsconductor.ports.failpoints import Failpoints
from opsconductor.ports.storage import Storage, UnitOfWork

BEFORE = "store.before:"
AFTER = "store.after:"


class StoppingStorageDouble:
    """Passes everything on. A process that is killed at BEFORE has stored nothing of the commit, at AFTER all of it.

    The place is named after the first thing the commit holds, such as `store.before:record_intent`.
    """

    def __init__(self, inner: Storage, failpoints: Failpoints) -> None:
        self._inner = inner
        self._failpoints = failpoints

    def begin(self) -> UnitOfWork:
        """See the port."""
        unit: Any = _StoppingUnit(self._inner.begin(), self._failpoints)
        made: UnitOfWork = unit
        return made

    def __getattr__(self, name: str) -> Any:
        """Reads go to the wrapped storage."""
        return getattr(self._inner, name)


class _StoppingUnit:
    def __init__(self, inner: UnitOfWork, failpoints: Failpoints) -> None:
        self._inner = inner
        self._failpoints = failpoints
        self._first = ""

    def __getattr__(self, name: str) -> Any:
        self._first = self._first or name
        return getattr(self._inner, name)

    async def commit(self) -> None:
        if not self._first:  # nothing to commit
            return await self._inner.commit()
        await self._failpoints.hit(BEFORE + self._first)
        await self._inner.commit()
        return await self._failpoints.hit(AFTER + self._first)
