"""Named places where tests may stop or fail the engine; a no-op in production."""

from typing import Protocol


class Failpoints(Protocol):
    """Called at places where a crash is most dangerous."""

    async def hit(self, name: str) -> None:
        """Reach the failpoint `name`, for example `step.after_intent`."""
        ...


class NoFailpoints:
    """The production engine: nothing happens."""

    async def hit(self, name: str) -> None:
        """Do nothing."""
