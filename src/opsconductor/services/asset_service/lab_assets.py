"""The lab's hosts as assets of the inventory."""

from collections.abc import Iterable, Mapping
from typing import Any

from opsconductor.domain.asset_naming import asset_id
from opsconductor.domain.assets import Asset, AssetService
from opsconductor.domain.json_value import JsonObject

SOURCE = "lab"


def assets_from_lab(rows: Iterable[JsonObject], tenant: str) -> tuple[Asset, ...]:
    """One asset a row of the lab ({name, type, platform, os, environment, site, role, ip, services, criticality,
    connection, source, source_id}). Raises KeyError for a row that lacks one of them.
    """
    return tuple(_asset(row, tenant) for row in rows)


def _asset(row: Mapping[str, Any], tenant: str) -> Asset:
    return Asset(
        asset_id=asset_id(tenant, SOURCE, row["source_id"]),
        tenant=tenant,
        name=row["name"],
        type=row["type"],
        source=SOURCE,
        source_id=row["source_id"],
        role=row["role"],
        platform=row["platform"],
        os=row["os"],
        environment=row["environment"],
        site=row["site"],
        ip=row["ip"],
        criticality=row["criticality"],
        services=tuple(AssetService(name=service["name"], port=service["port"]) for service in row["services"]),
        connection=dict(row["connection"]),
    )
