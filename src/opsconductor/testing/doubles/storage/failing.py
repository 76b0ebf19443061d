"""A wrapper round any storage whose commits fail where a test wants it: refused, or done and then not acknowledged."""

from collections.abc import Callable
from typing import Any

from opsconductor.domain.errors import Unavailable
from opsconductor.ports.storage import Storage, UnitOfWork

REFUSE = "refuse"
"""Nothing is written and the commit raises `store.unavailable`."""

TIME_OUT = "time_out"
"""Nothing is written and the commit raises `store.locked`: it did not get its turn in time."""

DO_THEN_RAISE = "do_then_raise"
"""Everything is written and the commit raises `store.unavailable` all the same: executed, but timed out."""

Fault = Callable[[int, tuple[str, ...]], str]
"""Given the number of the commit (from 1) and the methods it collected: a fault of above, or "" for none."""


def at_commit(number: int, fault: str) -> Fault:
    """The commit with this number fails, and no other."""
    return lambda commit, methods: fault if commit == number else ""


def at_method(method: str, fault: str, times: int = 1) -> Fault:
    """The first `times` commits that hold a call of `method` fail."""
    left = [times]

    def choose(number: int, methods: tuple[str, ...]) -> str:
        if method not in methods or not left[0]:
            return ""
        left[0] -= 1
        return fault

    return choose


class FailingStorageDouble:
    """Passes everything on but the commits that `fault` chooses. `commits` lists the methods of every commit tried."""

    def __init__(self, inner: Storage, fault: Fault = lambda number, methods: "") -> None:
        self.commits: list[tuple[str, ...]] = []
        self.fault = fault
        self._inner = inner

    def begin(self) -> UnitOfWork:
        """See the port."""
        unit: Any = _FailingUnit(self._inner.begin(), self)
        made: UnitOfWork = unit
        return made

    def __getattr__(self, name: str) -> Any:
        """Reads go to the wrapped storage."""
        return getattr(self._inner, name)

    def next_fault(self, methods: tuple[str, ...]) -> str:
        """Count this commit and say how it ends."""
        self.commits.append(methods)
        return self.fault(len(self.commits), methods)


class _FailingUnit:
    def __init__(self, inner: UnitOfWork, storage: FailingStorageDouble) -> None:
        self._inner = inner
        self._storage = storage
        self._methods: list[str] = []

    def __getattr__(self, name: str) -> Any:
        self._methods.append(name)
        return getattr(self._inner, name)

    async def commit(self) -> None:
        fault = self._storage.next_fault(tuple(self._methods))
        if fault == REFUSE:
            raise Unavailable("store.unavailable", "The store does not answer.")
        if fault == TIME_OUT:
            raise Unavailable("store.locked", "Another process holds the store.")
        await self._inner.commit()
        if fault == DO_THEN_RAISE:
            raise Unavailable("store.unavailable", "The store did not acknowledge in time.")
