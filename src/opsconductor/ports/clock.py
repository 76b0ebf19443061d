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


def timestamp(moment: datetime) -> str:
    """RFC 3339 in UTC with milliseconds and `Z`, as every stored time is written."""
    return moment.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"
