"""A double of the asset store that keeps assets in a dictionary and forgets them with the process."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields

from opsconductor.domain.assets import FILTER_FIELDS, Asset, AssetAnswer, AssetMatch, AssetQuery, Vocabulary
from opsconductor.domain.errors import BadInput
from opsconductor.domain.json_value import Json, JsonObject
from opsconductor.ports.asset_store import ImportDiff

QUERY_TYPES = ("count", "list", "show", "search", "group")
WITH_ASSETS = ("list", "show", "search", "group")


@dataclass(kw_only=True)
class _Tenant:
    assets: dict[tuple[str, str], Asset] = field(default_factory=dict)  # by (source, source_id)
    revision: int = 0


class InMemoryAssetStoreDouble:
    """Keeps the port's promises; `fail_with` makes every call raise, as a store that is locked or gone does."""

    def __init__(self) -> None:
        """Nothing is kept yet."""
        self._tenants: dict[str, _Tenant] = {}
        self.fail_with: Callable[[], Exception] | None = None
        self.imports: list[tuple[str, str, str]] = []  # tenant, source, actor of each audited import

    async def put_assets(
        self, tenant: str, source: str, assets: Sequence[Asset], *, retire_missing: bool, dry_run: bool, actor: str
    ) -> ImportDiff:
        """See the port."""
        held = self._of(tenant)
        if len({asset.source_id for asset in assets}) < len(assets):
            raise BadInput("import.bad_file", "Two assets have the same id.")
        if any((asset.tenant, asset.source) != (tenant, source) for asset in assets):
            raise BadInput("import.bad_file", f"An asset is not of {tenant} and {source}.")
        added: list[str] = []
        updated: list[tuple[str, tuple[str, ...]]] = []
        after = dict(held.assets)
        for asset in assets:
            key = (source, asset.source_id)
            if (before := held.assets.get(key)) is None:
                added.append(asset.name)
            elif changed := _changed(before, asset):
                updated.append((asset.name, changed))
            after[key] = asset
        given = {(source, asset.source_id) for asset in assets}
        gone = [key for key in held.assets if retire_missing and key[0] == source and key not in given]
        retired = tuple(after.pop(key).name for key in gone)
        moved = bool(added or updated or retired)
        if not dry_run:
            held.assets, held.revision = after, held.revision + moved
            self.imports.append((tenant, source, actor))
        return ImportDiff(
            source=source,
            added=tuple(added),
            updated=tuple(updated),
            unchanged=len(assets) - len(added) - len(updated),
            retired=retired,
            revision=held.revision + (moved and dry_run),
        )

    async def query(self, tenant: str, query: AssetQuery) -> AssetAnswer:
        """See the port; a search looks at every text of an asset."""
        unknown = sorted({*query.filters, query.group_by} - set(FILTER_FIELDS))
        if query.query_type not in QUERY_TYPES or unknown:
            wrong = ", ".join(unknown) or query.query_type
            raise BadInput("inventory.bad_query", f"The inventory does not know {wrong}.")
        found = [asset for asset in self._all(tenant) if _fits(asset, query)]
        counts = Counter(value for asset in found for value in _values(asset, query.group_by))
        page = sorted(found, key=lambda asset: (asset.name.casefold(), asset.asset_id))
        page = page[query.offset : query.offset + query.limit]
        return AssetAnswer(
            success=True,
            total_count=len(found),
            breakdown=dict(sorted(counts.items(), key=lambda item: (-item[1], item[0]))),
            assets=tuple(_row(asset) for asset in page) if query.query_type in WITH_ASSETS else (),
        )

    async def match(self, tenant: str, texts: Sequence[str]) -> tuple[tuple[AssetMatch, ...], ...]:
        """See the port."""
        held = self._all(tenant)
        return tuple(
            tuple(
                _match(asset)
                for asset in held
                if text and text.casefold() in (asset.name.casefold(), asset.ip.casefold())
            )
            for text in texts
        )

    async def running_service(self, tenant: str, names: Sequence[str]) -> tuple[tuple[AssetMatch, ...], ...]:
        """See the port."""
        held = self._all(tenant)
        return tuple(
            tuple(
                _match(asset)
                for asset in held
                if name.casefold() in {service.name.casefold() for service in asset.services}
            )
            for name in names
        )

    async def names(self, tenant: str) -> tuple[str, ...]:
        """See the port."""
        return tuple(sorted({asset.name for asset in self._all(tenant)}))

    async def assets(self, tenant: str, asset_ids: Sequence[str]) -> tuple[Asset, ...]:
        """See the port."""
        by_id = {asset.asset_id: asset for asset in self._all(tenant)}
        return tuple(by_id[asset_id] for asset_id in asset_ids if asset_id in by_id)

    async def vocabulary(self, tenant: str) -> Vocabulary:
        """See the port."""
        held = self._all(tenant)
        words = {
            name: tuple(sorted({value for asset in held for value in _values(asset, name)} - {""}))
            for name in FILTER_FIELDS
            if name != "name"
        }
        return Vocabulary(revision=self._of(tenant).revision, values=words)

    async def revision(self, tenant: str) -> int:
        """See the port."""
        return self._of(tenant).revision

    def _of(self, tenant: str) -> _Tenant:
        if self.fail_with is not None:
            raise self.fail_with()
        return self._tenants.setdefault(tenant, _Tenant())

    def _all(self, tenant: str) -> list[Asset]:
        return list(self._of(tenant).assets.values())


def _changed(before: Asset, after: Asset) -> tuple[str, ...]:
    return tuple(one.name for one in fields(Asset) if getattr(before, one.name) != getattr(after, one.name))


def _values(asset: Asset, name: str) -> tuple[str, ...]:
    if name == "service":
        return tuple(dict.fromkeys(service.name for service in asset.services))
    return (str(getattr(asset, name)),)


def _fits(asset: Asset, query: AssetQuery) -> bool:
    for name, wanted in query.filters.items():
        words = wanted if isinstance(wanted, list | tuple) else [wanted]
        held = {value.casefold() for value in _values(asset, name)}
        if not held & {str(word).casefold() for word in words}:
            return False
    if query.query_type != "search":
        return True
    texts = (asset.name, asset.ip, *(value for name in FILTER_FIELDS for value in _values(asset, name)))
    return any(query.text.casefold() in text.casefold() for text in texts)


def _row(asset: Asset) -> JsonObject:
    services: list[Json] = [{"name": service.name, "port": service.port} for service in asset.services]
    told = [one.name for one in fields(Asset) if one.name not in ("tenant", "services", "connection", "attributes")]
    return {name: getattr(asset, name) for name in told} | {
        "services": services,
        "attributes": dict(asset.attributes),
    }


def _match(asset: Asset) -> AssetMatch:
    return AssetMatch(
        asset_id=asset.asset_id,
        name=asset.name,
        type=asset.type,
        platform=asset.platform,
        environment=asset.environment,
        site=asset.site,
        owner=asset.owner,
        services=tuple(service.name for service in asset.services),
        criticality=asset.criticality,
        exact=True,
    )


def open_asset_store() -> InMemoryAssetStoreDouble:
    """A fresh, empty double."""
    return InMemoryAssetStoreDouble()
