"""Credentials, fetched just in time and never stored in plans, logs or records."""

from typing import Protocol


class Secrets(Protocol):
    """Gives a credential by its reference."""

    async def get(self, tenant: str, reference: str) -> bytes:
        """The credential's bytes. Raises `secret.missing`."""
        ...
