"""The store as a promise gets it: open, empty, and with a clock of its own that can be moved."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeAlias

from opsconductor.domain.errors import OpsConductorError
from opsconductor.domain.json_value import Json
from opsconductor.ports.audit import AuditSeal
from opsconductor.ports.storage import Storage, UnitOfWork


@dataclass(kw_only=True)
class StoreClock:
    """The store's clock: the machine's time, and what a test adds to it."""

    offset_ms: int = 0

    def __call__(self) -> int:
        """Milliseconds since 1970."""
        return time.time_ns() // 1_000_000 + self.offset_ms

    def advance(self, seconds: float) -> None:
        """Move it forward."""
        self.offset_ms += int(seconds * 1000)


@dataclass(frozen=True, kw_only=True)
class Opened:
    """An open, empty store; `again` opens the same one once more, as another process would."""

    storage: Storage
    seal: AuditSeal
    again: Callable[[], AbstractAsyncContextManager[Storage]]
    clock: StoreClock = field(default_factory=StoreClock)

    @asynccontextmanager
    async def unit(self) -> AsyncIterator[UnitOfWork]:
        """A unit of work that is committed at the end of the block."""
        async with committed(self.storage) as unit:
            yield unit


@asynccontextmanager
async def committed(storage: Storage) -> AsyncIterator[UnitOfWork]:
    """A unit of work of `storage`, committed at the end of the block."""
    unit = storage.begin()
    yield unit
    await unit.commit()


Promise: TypeAlias = Callable[[Opened], Awaitable[None]]


@asynccontextmanager
async def refused(code: str, **facts: Json) -> AsyncIterator[None]:
    """The block must raise the error `code`, with these facts."""
    caught = None
    try:
        yield
    except OpsConductorError as error:
        caught = error
    assert caught is not None, f"nothing was raised instead of {code}"
    assert caught.code == code, f"{caught.code} instead of {code}: {caught.message}"
    assert caught.facts.items() >= facts.items(), caught.facts
