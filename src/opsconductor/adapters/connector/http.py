"""Calls our own services, a service of a target, or a typed address that is checked and connected as checked."""

import asyncio
import ipaddress
import json
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpx2

from opsconductor.adapters.tool_arguments import filled
from opsconductor.adapters.tool_output import MAX_BYTES, BadOutput, parsed
from opsconductor.domain.assets import Asset
from opsconductor.domain.json_value import Json
from opsconductor.ports.connector import ConnectorCall, ConnectorResult

CONNECT_S = 3.0
READ_S = 60.0  # the call's own time-out ends it earlier
SERVICE_BYTES = 16 * 1024 * 1024  # our own services may list many assets


@dataclass(frozen=True, kw_only=True)
class ServiceAddress:
    """Where one of our own services listens, and how to prove who asks."""

    base_url: Callable[[], str]
    token: Callable[[str], str]  # by tenant


@dataclass(frozen=True, kw_only=True)
class _Request:
    method: str
    url: str  # as people read it
    connect_to: str  # the same with the checked address in place of the name
    headers: Mapping[str, str] = field(default_factory=dict)
    host: str = ""
    body: Json = None
    limit: int = MAX_BYTES
    shown: Mapping[str, Json] = field(default_factory=dict)


class _Refused(Exception):
    """The request must not be made; carries code and words."""

    def __init__(self, code: str, words: str) -> None:
        super().__init__(words)
        self.code = code
        self.words = words


@asynccontextmanager
async def open_http_connector(
    services: Mapping[str, ServiceAddress], is_known_address: Callable[[str, str], Awaitable[bool]]
) -> AsyncIterator["HttpConnector"]:
    """The connector with its connections, closed at the end of the block."""
    client = httpx2.AsyncClient(
        trust_env=False,
        follow_redirects=False,
        timeout=httpx2.Timeout(READ_S, connect=CONNECT_S),
        headers={"Accept-Encoding": "identity", "User-Agent": "opsconductor"},
    )
    async with client:
        yield HttpConnector(client, services, is_known_address)


class HttpConnector:
    """One request a call; no redirect is followed, no proxy is used, the answer is capped while it streams."""

    def __init__(
        self,
        client: httpx2.AsyncClient,
        services: Mapping[str, ServiceAddress],
        is_known_address: Callable[[str, str], Awaitable[bool]],
    ) -> None:
        """`is_known_address(tenant, ip)` tells whether an asset of the tenant has that address."""
        self._client = client
        self._services = services
        self._is_known_address = is_known_address

    async def call(self, call: ConnectorCall) -> ConnectorResult:
        """Make the request once."""
        try:
            request = await self._request(call)
        except _Refused as refused:
            return ConnectorResult(outcome="not_sent", error_code=refused.code, error=refused.words)
        shown: dict[str, Json] = {"method": request.method, "url": request.url}
        started = time.perf_counter()
        try:
            status, body = await self._exchange(request)
        except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
            words = f"Nothing answers at {request.url} ({type(error).__name__})."
            return ConnectorResult(outcome="not_sent", request=shown, error_code="connector.unreachable", error=words)
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            words = f"The request to {request.url} broke ({type(error).__name__})."
            return ConnectorResult(outcome="unknown", request=shown, error_code="connector.unreachable", error=words)
        milliseconds = round((time.perf_counter() - started) * 1000)
        return _judged(call, request, status, body, milliseconds, shown)

    async def _request(self, call: ConnectorCall) -> _Request:
        http = call.run.http
        method = str(http.get("method", "GET"))
        if "service" in http:
            return self._service_request(call, method)
        if call.target is not None:
            return _target_request(call.target, method, filled(http.get("port", {}), call.inputs), call)
        url = filled(http.get("url"), call.inputs)
        if not isinstance(url, str):
            raise _Refused("connector.failed", "This request names no address.")
        return await self._typed_request(call.tenant, method, url)

    def _service_request(self, call: ConnectorCall, method: str) -> _Request:
        name = str(call.run.http["service"])
        service = self._services.get(name)
        if service is None:
            raise _Refused("connector.unknown", f"There is no service named {name} here.")
        url = service.base_url() + str(call.run.http.get("path", "/"))
        return _Request(
            method=method,
            url=url,
            connect_to=url,
            headers={"Authorization": f"Bearer {service.token(call.tenant)}"},
            body=filled(call.run.http.get("body"), call.inputs),
            limit=SERVICE_BYTES,
        )

    async def _typed_request(self, tenant: str, method: str, url: str) -> _Request:
        """A person typed this address: resolve it once, check every address, connect to the one checked."""
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.password:
            raise _Refused(
                "connector.forbidden_address", "Only http and https addresses without a password are called."
            )
        try:
            port = parts.port or (443 if parts.scheme == "https" else 80)
            loop = asyncio.get_running_loop()
            found = await loop.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
        except (OSError, ValueError) as error:
            raise _Refused("connector.unreachable", f"The name {parts.hostname} cannot be resolved.") from error
        addresses = list(dict.fromkeys(str(item[4][0]) for item in found))
        for address in addresses:
            await self._check_address(tenant, address)
        bracketed = f"[{addresses[0]}]" if ":" in addresses[0] else addresses[0]
        path = parts.path or "/"
        query = f"?{parts.query}" if parts.query else ""
        return _Request(
            method=method,
            url=url,
            connect_to=f"{parts.scheme}://{bracketed}:{port}{path}{query}",
            headers={"Host": parts.netloc},
            host=parts.hostname,
        )

    async def _check_address(self, tenant: str, address: str) -> None:
        """Public addresses pass; any other must belong to an asset of the tenant."""
        ip = ipaddress.ip_address(address.split("%")[0])
        mapped = getattr(ip, "ipv4_mapped", None) or ip
        if mapped.is_global and not mapped.is_multicast:
            return
        if mapped.is_link_local or mapped.is_multicast or mapped.is_unspecified:
            raise _Refused("connector.forbidden_address", f"{address} is not an address that may be called.")
        if not await self._is_known_address(tenant, str(mapped)):
            raise _Refused("connector.forbidden_address", f"{address} is private and belongs to no asset of yours.")

    async def _exchange(self, request: _Request) -> tuple[int, bytes]:
        content = None if request.body is None else json.dumps(request.body).encode("ascii")
        headers = {**request.headers, **({"Content-Type": "application/json"} if content else {})}
        extensions = {"sni_hostname": request.host} if request.host else {}
        async with self._client.stream(
            request.method, request.connect_to, headers=headers, content=content, extensions=extensions
        ) as response:
            body = bytearray()
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > request.limit:
                    break
            return response.status_code, bytes(body)


def _target_request(target: Asset, method: str, service: Json, call: ConnectorCall) -> _Request:
    """The HTTP service of an inventory asset: its address and the port the inventory holds."""
    wanted = str(service or call.inputs.get("service") or "")
    ports = [item.port for item in target.services if item.port and (not wanted or item.name == wanted)]
    if not target.ip or not ports:
        raise _Refused("connector.unreachable", f"The inventory holds no HTTP port of {target.name}.")
    url = f"http://{target.ip}:{ports[0]}{call.run.http.get('path', '/')}"
    return _Request(method=method, url=url, connect_to=url)


def _judged(
    call: ConnectorCall, request: _Request, status: int, body: bytes, milliseconds: int, shown: dict[str, Json]
) -> ConnectorResult:
    response: dict[str, Json] = {"status": status, "bytes": len(body)}
    if len(body) > request.limit:
        words = f"The answer is larger than {request.limit} bytes."
        return ConnectorResult(
            outcome="done", request=shown, response=response, error_code="connector.too_large", error=words
        )
    if call.run.parse == "none":
        output: Json = {
            "status": status,
            "ok": 200 <= status < 400,
            "bytes": len(body),
            "milliseconds": milliseconds,
            "url": request.url,
        }
        return ConnectorResult(outcome="done", ok=True, output=output, request=shown, response=response)
    if not 200 <= status < 300:
        words = f"{request.url} answered with status {status}."
        return ConnectorResult(
            outcome="done", request=shown, response=response, error_code="connector.failed", error=words
        )
    try:
        return ConnectorResult(
            outcome="done", ok=True, output=parsed(body, call.run.parse), request=shown, response=response
        )
    except BadOutput as error:
        return ConnectorResult(
            outcome="done", request=shown, response=response, error_code="connector.bad_output", error=str(error)
        )
