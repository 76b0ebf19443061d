"""Which process owns a piece of work, and whether it still lives."""

from typing import Protocol


class Processes(Protocol):
    """Names this process and tells dead owners from living ones on the same home."""

    @property
    def me(self) -> str:
        """This process's owner name: process id and start, unique on the home."""
        ...

    def is_alive(self, owner: str) -> bool:
        """True while the owner holds its lock, and for an owner of another home, of which nothing is known here: only
        its lease tells. Recovery touches what dead owners left, and what nobody has renewed."""
        ...
