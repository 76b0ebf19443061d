"""Assets as rows, and rows as the values that leave the store."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from opsconductor.domain.assets import Asset, AssetMatch, AssetService
from opsconductor.domain.json_value import Json, JsonObject

COMPARED = (
    *("name", "type", "role", "platform", "os", "environment", "site", "owner", "status", "criticality"),
    *("ip", "services", "connection", "attributes"),
)
"""Fields that an import can change, in the order of a row of `of_source`."""

_KIND = slice(1, 10)

_dumps = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=dict).encode


def compared(asset: Asset) -> tuple[str | None, ...]:
    """The fields that an import can change, as they are stored; equal assets give equal tuples."""
    services = [[service.name, service.port] for service in asset.services]
    return (
        asset.name,
        asset.type,
        asset.role,
        asset.platform,
        asset.os,
        asset.environment,
        asset.site,
        asset.owner,
        asset.status,
        asset.criticality,
        asset.ip,
        _dumps(services) if services else None,
        _dumps(asset.connection) if asset.connection else None,
        _dumps(asset.attributes) if asset.attributes else None,
    )


def kind_of(row: Sequence[str | None]) -> tuple[str | None, ...]:
    """What of a compared row makes its kind: type to criticality."""
    return tuple(row[_KIND])


def service_names(asset: Asset) -> set[tuple[str, str]]:
    """The names of an asset's services, as compared and as written."""
    return {(service.name.casefold(), service.name) for service in asset.services}


def to_asset(row: Sequence[Any]) -> Asset:
    """A row of `page` or `by_id` as the whole asset."""
    *texts, services, connection, attributes = row
    asset_id, tenant, name, type_, source, source_id, role, platform, os, environment, site, owner, *rest = texts
    status, ip, criticality = rest
    return Asset(
        asset_id=asset_id,
        tenant=tenant,
        name=name,
        type=type_,
        source=source,
        source_id=source_id,
        role=role,
        platform=platform,
        os=os,
        environment=environment,
        site=site,
        owner=owner,
        status=status,
        ip=ip,
        criticality=criticality,
        services=tuple(AssetService(name=name, port=port) for name, port in _services(services)),
        connection=_object(connection),
        attributes=_object(attributes),
    )


def to_json(row: Sequence[Any]) -> JsonObject:
    """A row of `page` as an answer shows it: without tenant, and without how to connect."""
    asset = to_asset(row)
    services: list[Json] = [{"name": service.name, "port": service.port} for service in asset.services]
    return {
        "asset_id": asset.asset_id,
        "name": asset.name,
        "type": asset.type,
        "source": asset.source,
        "source_id": asset.source_id,
        "role": asset.role,
        "platform": asset.platform,
        "os": asset.os,
        "environment": asset.environment,
        "site": asset.site,
        "owner": asset.owner,
        "status": asset.status,
        "ip": asset.ip,
        "criticality": asset.criticality,
        "services": services,
        "attributes": dict(asset.attributes),
    }


def to_match(row: Sequence[Any]) -> AssetMatch:
    """A row of `by_name`, `by_address` or `by_service`, without its key, as an exact match."""
    asset_id, name, type_, platform, environment, site, owner, services, criticality = row
    return AssetMatch(
        asset_id=asset_id,
        name=name,
        type=type_,
        platform=platform,
        environment=environment,
        site=site,
        owner=owner,
        services=tuple(name for name, _ in _services(services)),
        criticality=criticality,
        exact=True,
    )


def list_of(texts: Iterable[str]) -> str:
    """Texts as the JSON list that a statement takes. SQLite cuts them at U+0000, so such a text is none at all."""
    return json.dumps([None if "\x00" in text else text for text in texts])


def _services(stored: str | None) -> list[tuple[str, int | None]]:
    return json.loads(stored) if stored else []


def _object(stored: str | None) -> Mapping[str, Json]:
    return json.loads(stored) if stored else {}
