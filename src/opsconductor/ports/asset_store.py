"""Where the asset service keeps assets; nothing else reads or writes them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from opsconductor.domain.assets import Asset, AssetAnswer, AssetMatch, AssetQuery, Vocabulary


@dataclass(frozen=True, kw_only=True)
class ImportDiff:
    """What an import changed (or would change, for a preview)."""

    source: str
    added: tuple[str, ...]  # asset names
    updated: tuple[tuple[str, tuple[str, ...]], ...]  # name, fields that changed
    unchanged: int
    retired: tuple[str, ...]
    revision: int


class AssetStore(Protocol):
    """Assets of one isolation tenant; counts are exact at any size. All methods raise `store.*`."""

    async def put_assets(
        self, tenant: str, source: str, assets: Sequence[Asset], *, retire_missing: bool, dry_run: bool, actor: str
    ) -> ImportDiff:
        """Insert or update by (tenant, source, source_id), all or nothing, audited as `assets.imported`.

        With `retire_missing` the source's other assets are retired. The revision rises only when something changed.
        """
        ...

    async def query(self, tenant: str, query: AssetQuery) -> AssetAnswer:
        """Answer a question; retired assets do not count. Raises `inventory.bad_query` for unknown fields or types."""
        ...

    async def match(self, tenant: str, texts: Sequence[str]) -> tuple[tuple[AssetMatch, ...], ...]:
        """Per text: assets whose name or address equals it, any case."""
        ...

    async def running_service(self, tenant: str, names: Sequence[str]) -> tuple[tuple[AssetMatch, ...], ...]:
        """Per name: the assets that run a service of that name, any case."""
        ...

    async def names(self, tenant: str) -> tuple[str, ...]:
        """All distinct asset names, for near spellings."""
        ...

    async def assets(self, tenant: str, asset_ids: Sequence[str]) -> tuple[Asset, ...]:
        """The named assets in the order asked; unknown ids are left out."""
        ...

    async def vocabulary(self, tenant: str) -> Vocabulary:
        """Distinct values by field, and the revision."""
        ...

    async def revision(self, tenant: str) -> int:
        """Rises with every change of the tenant's inventory."""
        ...
