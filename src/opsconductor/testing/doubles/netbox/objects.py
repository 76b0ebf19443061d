"""Devices and virtual machines as NetBox words them, made from plain rows."""

from collections.abc import Mapping
from typing import Any

Row = Mapping[str, str]


def device(number: int, row: Row) -> dict[str, Any]:
    """A device as `GET /api/dcim/devices/` lists it."""
    manufacturer = _named(number, "dcim/manufacturers", row.get("manufacturer", "")) or {}
    model = {
        "id": number,
        "url": f"/api/dcim/device-types/{number}/",
        "display": row.get("model", ""),
        "manufacturer": manufacturer,
        "model": row.get("model", ""),
        "slug": _slug(row.get("model", "")),
    }
    return _common(number, row, f"/api/dcim/devices/{number}/") | {
        "device_type": model,
        "serial": row.get("serial", ""),
        "asset_tag": row.get("asset_tag") or None,
        "location": None,
        "rack": _named(number, "dcim/racks", row.get("rack", "")),
        "position": None,
        "face": None,
        "local_context_data": None,
        "config_context": {"snmp": {"community": "not-to-be-imported"}},
    }


def virtual_machine(number: int, row: Row) -> dict[str, Any]:
    """A virtual machine as `GET /api/virtualization/virtual-machines/` lists it."""
    return _common(number, row, f"/api/virtualization/virtual-machines/{number}/") | {
        "device": None,
        "vcpus": float(row["vcpus"]) if row.get("vcpus") else None,
        "memory": int(row["memory_mb"]) if row.get("memory_mb") else None,
        "disk": None,
    }


def _common(number: int, row: Row, url: str) -> dict[str, Any]:
    name = row.get("name") or None
    address = {
        "id": number,
        "url": f"/api/ipam/ip-addresses/{number}/",
        "display": row.get("ip", ""),
        "family": {"value": 4, "label": "IPv4"},
        "address": row.get("ip", ""),
    }
    primary = address if row.get("ip") else None
    status = row.get("status", "active")
    return {
        "id": number,
        "url": url,
        "display": name or f"unnamed ({number})",
        "name": name,
        "role": _named(number, "dcim/device-roles", row.get("role", "")),
        "tenant": _named(number, "tenancy/tenants", row.get("tenant", "")),
        "platform": _named(number, "dcim/platforms", row.get("platform", "")),
        "site": _named(number, "dcim/sites", row.get("site", "")),
        "cluster": _named(number, "virtualization/clusters", row.get("cluster", "")),
        "status": {"value": status, "label": status.title()},
        "primary_ip": primary,
        "primary_ip4": primary,
        "primary_ip6": None,
        "description": "",
        "comments": "",
        "tags": [{"id": 1, "url": "/api/extras/tags/1/", "display": t, "name": t, "slug": t} for t in _tags(row)],
        "custom_fields": {"environment": row.get("environment") or None},
        "created": "2024-01-01T00:00:00Z",
        "last_updated": "2024-01-01T00:00:00Z",
    }


def _tags(row: Row) -> list[str]:
    return row.get("tags", "").split()


def _named(number: int, endpoint: str, name: str) -> dict[str, Any] | None:
    if not name:
        return None
    return {
        "id": number,
        "url": f"/api/{endpoint}/{number}/",
        "display": name,
        "name": name,
        "slug": _slug(name),
        "description": "",
    }


def _slug(name: str) -> str:
    return "-".join(name.lower().split())
