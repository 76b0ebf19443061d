"""A double of the inventory: a fixed list of assets in memory, no HTTP. It can be told to be down."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from rapidfuzz.distance import OSA

from opsconductor.domain.assets import Asset, AssetAnswer, AssetMatch, AssetQuery, AssetService, Mention, Vocabulary
from opsconductor.domain.errors import Unavailable
from opsconductor.domain.json_value import JsonObject

NEAR = 0.6
_DIGITS = re.compile(r"\d+")
SLOTS = ("type", "role", "platform", "os", "environment", "site", "owner", "status", "source")


def an_asset(name: str, **fields: Any) -> Asset:
    """An asset called `name` with the id `asset_NAME`; `services` may be plain names."""
    services = tuple(AssetService(name=item) if isinstance(item, str) else item for item in fields.pop("services", ()))
    plain = Asset(
        asset_id=f"asset_{name}", tenant="default", name=name, type="linux_server", source="seed", source_id=name
    )
    return replace(plain, services=services, **fields)


def workstations() -> tuple[Asset, ...]:
    """WS-01 to WS-06, as a fresh home has them."""
    common = {"type": "windows_workstation", "platform": "windows", "os": "Windows 11", "site": "HQ"}
    return tuple(an_asset(f"WS-0{number}", role="Workstation", **common) for number in range(1, 7))


def lab_hosts() -> tuple[Asset, ...]:
    """app-01 and app-02 in staging, web-01 and db-01 in production."""
    common: Mapping[str, Any] = {"platform": "linux", "os": "Debian GNU/Linux 12", "site": "lab", "source": "lab"}
    return (
        an_asset("app-01", services=("billing",), role="app", environment="staging", ip="127.0.0.11", **common),
        an_asset("app-02", services=("billing",), role="app", environment="staging", ip="127.0.0.12", **common),
        an_asset("web-01", services=("storefront",), role="web", environment="production", ip="127.0.0.13", **common),
        an_asset(
            "db-01", services=("ledger-db",), role="database", environment="production", ip="127.0.0.14", **common
        ),
    )


class InMemoryInventoryDouble:
    """Answers from `assets`, whatever their tenant says; `asked` tells which texts each `resolve` was asked for."""

    def __init__(self, assets: Iterable[Asset] = ()) -> None:
        self.held = tuple(assets) or (*workstations(), *lab_hosts())
        self.revision = 1
        self.down = False
        self.asked: list[tuple[str, ...]] = []

    async def resolve(self, tenant: str, texts: Sequence[str]) -> tuple[Mention, ...]:
        """See the port; near names have the same digits."""
        self._check()
        self.asked.append(tuple(texts))
        found = (mention for text in texts for mention in self._mentions(text))
        return tuple(found)

    async def vocabulary(self, tenant: str) -> Vocabulary:
        """See the port."""
        self._check()
        values = {slot: tuple(sorted({str(getattr(asset, slot)) for asset in self.held} - {""})) for slot in SLOTS}
        services = tuple(sorted({service.name for asset in self.held for service in asset.services}))
        return Vocabulary(revision=self.revision, values={**values, "service": services})

    async def query(self, tenant: str, query: AssetQuery) -> AssetAnswer:
        """See the port; search finds part of a name."""
        self._check()
        found = [asset for asset in self.held if all(_fits(asset, *item) for item in query.filters.items())]
        if query.query_type == "search":
            found = [asset for asset in found if query.text.lower() in asset.name.lower()]
        page = found[query.offset : query.offset + query.limit]
        return AssetAnswer(
            success=True,
            total_count=len(found),
            breakdown=Counter(str(getattr(asset, query.group_by)) for asset in found),
            assets=() if query.query_type in ("count", "group") else tuple(_row(asset) for asset in page),
        )

    async def assets(self, tenant: str, asset_ids: Sequence[str]) -> tuple[Asset, ...]:
        """See the port."""
        self._check()
        by_id = {asset.asset_id: asset for asset in self.held}
        return tuple(by_id[asset_id] for asset_id in asset_ids if asset_id in by_id)

    def _mentions(self, text: str) -> list[Mention]:
        wanted = text.lower()
        mentions = []
        for kind in ("host", "ip", "service"):
            exact = [_match(asset) for asset in self.held if wanted in _names(asset, kind)]
            near = [] if exact or kind == "ip" else self._near(wanted, kind)
            if exact or near:
                mentions.append(Mention(text=text, kind=kind, matches=tuple(exact or near)))
        certain = [mention for mention in mentions if mention.matches[0].exact]
        return (certain or mentions)[:1]

    def _near(self, wanted: str, kind: str) -> list[AssetMatch]:
        scored: list[AssetMatch] = []
        if len(wanted) < 5 and not _DIGITS.search(wanted):
            return scored
        for asset in self.held:
            score = max((_likeness(wanted, name) for name in _names(asset, kind)), default=0.0)
            if NEAR <= score < 1:
                scored.append(replace(_match(asset), exact=False, score=score))
        return sorted(scored, key=lambda match: -match.score)[:5]

    def _check(self) -> None:
        if self.down:
            raise Unavailable("inventory.unavailable", "The asset service does not answer.")


def _names(asset: Asset, kind: str) -> tuple[str, ...]:
    """Under which lower-case names an asset is found as a `kind`."""
    if kind == "service":
        return tuple(service.name.lower() for service in asset.services)
    name = asset.name if kind == "host" else asset.ip
    return (name.lower(),) if name else ()


def _likeness(one: str, other: str) -> float:
    """How alike two names are; names that differ in their digits are less so, and still near."""
    same_digits = _DIGITS.findall(one) == _DIGITS.findall(other)
    if same_digits or _DIGITS.sub("#", one) != _DIGITS.sub("#", other):
        return OSA.normalized_similarity(one, other) if same_digits else 0.0
    return max(NEAR, OSA.normalized_similarity(one, other) - 0.2)


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


def _fits(asset: Asset, field: str, wanted: object) -> bool:
    values = wanted if isinstance(wanted, list | tuple) else [wanted]
    held = _names(asset, "service") if field == "service" else (str(getattr(asset, field)).lower(),)
    return any(str(value).lower() in held for value in values)


def _row(asset: Asset) -> JsonObject:
    return {
        "asset_id": asset.asset_id,
        "name": asset.name,
        "type": asset.type,
        "site": asset.site,
        "owner": asset.owner,
        "attributes": dict(asset.attributes),
    }


def open_inventory() -> InMemoryInventoryDouble:
    """A fresh double with the six workstations and the four hosts of the lab."""
    return InMemoryInventoryDouble()
