"""A wrapper round any storage that passes a failpoint before and after each commit: every step of the record."""

from typing import Any

from opsconductor.ports.failpoints import Failpoints
from opsconductor.ports.storage import Storage, UnitOfWork

BEFORE = "store.before_commit"
AFTER = "store.after_commit"


class StoppingStorageDouble:
    """Passes everything on. A process that is killed at BEFORE has stored nothing of the commit, at AFTER all of it."""

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

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    async def commit(self) -> None:
        await self._failpoints.hit(BEFORE)
        await self._inner.commit()
        await self._failpoints.hit(AFTER)
