"""New identifiers."""

from typing import Protocol


class Ids(Protocol):
    """Mints identifiers that sort by the time they were made."""

    def new(self, prefix: str) -> str:
        """`<prefix>_` and a UUIDv7, never the same twice."""
        ...
