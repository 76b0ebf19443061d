"""The inventory as understanding and tools see it: always over HTTP, also in one process."""

from collections.abc import Sequence
from typing import Protocol

from opsconductor.domain.assets import Asset, AssetAnswer, AssetQuery, Mention, Vocabulary


class Inventory(Protocol):
    """Questions about the assets of one isolation tenant. All raise `inventory.unavailable`, `.bad_answer`."""

    async def resolve(self, tenant: str, texts: Sequence[str]) -> tuple[Mention, ...]:
        """What the inventory knows under each of `texts` (asset names, addresses, service names; any case).

        One mention a text that matches anything, exactly or nearly; texts that match nothing are left out.
        """
        ...

    async def vocabulary(self, tenant: str) -> Vocabulary:
        """Distinct values by field and the revision; may be a cached copy of the same revision."""
        ...

    async def query(self, tenant: str, query: AssetQuery) -> AssetAnswer:
        """Count, list, show, search or group; exact at any size. Raises `inventory.bad_query` for unknown fields."""
        ...

    async def assets(self, tenant: str, asset_ids: Sequence[str]) -> tuple[Asset, ...]:
        """The named assets in the order asked; unknown ids are left out."""
        ...
