"""Devices and virtual machines from NetBox's REST API, page by page, complete or not at all."""

import ipaddress
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from opsconductor.adapters.asset_import.netbox.session import BoundSession, open_client, unreadable
from opsconductor.adapters.asset_records import Record
from opsconductor.domain.errors import BadInput
from opsconductor.domain.json_value import Json

MAX_OBJECTS = 200_000


def read_api(url: str, token: str) -> tuple[list[Record], list[str]]:
    """Records and warnings of the NetBox at `url`. Raises `import.unreadable`."""
    origin, path = _address(url)
    import pynetbox  # 0.2 s that only this import needs

    with open_client() as client:
        api = pynetbox.api(origin + path, token=token or None, threading=False)
        api.http_session.close()
        api.http_session = BoundSession(client, origin)
        devices = _all(api.dcim.devices, "devices", origin)
        machines = _all(api.virtualization.virtual_machines, "virtual machines", origin)
    records = [_record("device", device) for device in devices]
    records += [_record("virtual_machine", machine) for machine in machines]
    warnings = []
    if token and is_overheard(origin):
        warnings.append("The token travelled unencrypted: give the https address of this NetBox.")
    return records, warnings


def _address(url: str) -> tuple[str, str]:
    """Origin and path of the NetBox a person named, with or without `/api`."""
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError as error:
        raise unreadable(f"{url[:200]!r} is no address.") from error
    if not parts.hostname or parts.username or parts.query or parts.fragment:
        raise unreadable("Give the address of NetBox alone, like https://netbox.example.com.")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}{port}", parts.path.rstrip("/").removesuffix("/api")


def _all(endpoint: Any, what: str, origin: str) -> list[Mapping[str, Any]]:
    """Every object of an endpoint. A NetBox that changes between two pages is refused rather than read half."""
    import pynetbox

    found: list[Mapping[str, Any]] = []
    try:
        records = endpoint.all()
        for record in records:
            found.append(dict(record))
            if len(found) > MAX_OBJECTS:
                raise unreadable(f"NetBox has more than {MAX_OBJECTS} {what}.")
        told = getattr(records.request, "count", len(found))
    except pynetbox.RequestError as error:
        status = error.req.status_code
        why = "refuses the token" if status in (401, 403) else f"answers with status {status}"
        raise unreadable(f"NetBox at {origin} {why} when asked for {what}.") from error
    except BadInput:
        raise
    except (pynetbox.ContentError, ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        raise unreadable(f"What answers at {origin} is no NetBox: {what} cannot be read.") from error
    if len(found) != told or len({record.get("id") for record in found}) != told:
        raise unreadable(f"NetBox changed while its {what} were read.")
    return found


def _record(kind: str, item: Mapping[str, Any]) -> Record:
    custom = item.get("custom_fields")
    more = custom if isinstance(custom, Mapping) else {}
    number = item.get("id")
    fields = {
        "id": f"{kind}:{number}",
        # NetBox lets a device be without a name; what it displays then is not stable.
        "name": _text(item.get("name")) or f"{kind.replace('_', '-')}-{number}",
        "type": kind,
        "role": _text(item.get("role") or item.get("device_role")),
        "platform": _text(item.get("platform")),
        "site": _text(item.get("site")),
        "owner": _text(item.get("tenant")),
        "status": _text(item.get("status")),
        "ip": _text(item.get("primary_ip")),
        "environment": _text(more.get("environment")),
        "criticality": _text(more.get("criticality")),
    }
    device_type = item.get("device_type")
    model = device_type if isinstance(device_type, Mapping) else {}
    attributes: dict[str, Json] = {
        "model": _text(model.get("model")),
        "manufacturer": _text(model.get("manufacturer")),
        "serial": _text(item.get("serial")),
        "asset_tag": _text(item.get("asset_tag")),
        "location": _text(item.get("location")),
        "rack": _text(item.get("rack")),
        "cluster": _text(item.get("cluster")),
        "vcpus": _number(item.get("vcpus")),
        "memory_mb": _number(item.get("memory")),
        "description": _text(item.get("description")),
    }
    tags = item.get("tags")
    if isinstance(tags, Iterable) and (names := [_text(tag) for tag in tags]):
        attributes["tags"] = names
    return Record(fields=fields, attributes=attributes)


def _text(value: Any) -> str:
    """What a person calls a value of NetBox: an object by its name, a choice by its value, an address as such."""
    if isinstance(value, Mapping):
        named = (value.get(key) for key in ("name", "value", "address", "label", "display"))
        return next((str(part) for part in named if part not in (None, "")), "")
    return "" if value is None else str(value)


def _number(value: Any) -> str:
    return "" if value is None else str(value)


def is_overheard(origin: str) -> bool:
    """Whether what is sent to `origin` leaves this machine unencrypted."""
    parts = urlsplit(origin)
    host = parts.hostname or ""
    try:
        return parts.scheme == "http" and not ipaddress.ip_address(host).is_loopback
    except ValueError:
        return parts.scheme == "http" and host != "localhost"
