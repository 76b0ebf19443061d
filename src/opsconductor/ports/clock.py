"""Time, so that tests can move it."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Wall time, monotonic time and waiting."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds that never run backwards; only differences mean something."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait so long, and let others run."""
        ...

    async def pause(self, seconds: float) -> None:
        """As `sleep`, for work that goes on beside everything else, such as renewals: nothing waits for it, so a double
        whose time is moved by its sleepers is not moved by this."""
        ...


def timestamp(moment: datetime) -> str:
    """RFC 3339 in UTC with milliseconds and `Z`, as every stored time is written."""
    return moment.isoformat(timespec="milliseconds")[:23] + "Z"
