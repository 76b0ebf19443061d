"""The machine's own time."""

import asyncio
import time
from datetime import UTC, datetime


class SystemClock:
    """Wall time, monotonic time and waiting as the operating system gives them."""

    def now(self) -> datetime:
        """See the port."""
        return datetime.now(UTC)

    monotonic = staticmethod(time.monotonic)

    async def sleep(self, seconds: float) -> None:
        """See the port."""
        await asyncio.sleep(seconds)

    async def pause(self, seconds: float) -> None:
        """See the port."""
        await asyncio.sleep(seconds)


def open_clock() -> SystemClock:
    """A clock."""
    return SystemClock()
