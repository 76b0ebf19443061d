"""Calls our own services, a service of a target, or a typed address that is checked and connected as checked."""

import asyncio
import json
import socket
import ssl
import time
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from http.cookiejar import CookieJar, DefaultCookiePolicy
from urllib.parse import SplitResult, urlsplit

import httpx2

from opsconductor.adapters.tool_output import MAX_BYTES, BadOutput, parsed
from opsconductor.domain.assets import Asset
from opsconductor.domain.callable_addresses import NEVER, PUBLIC, kind_of_address, plain_address
from opsconductor.domain.json_value import Json, JsonObject
from opsconductor.domain.tool_arguments import filled
from opsconductor.ports.connector import ConnectorCall, ConnectorResult

CONNECT_S = 3.0
READ_S = 60.0  # the call's own time-out ends it earlier
SERVICE_BYTES = 16 * 1024 * 1024  # our own services may list many assets
NOT_THE_LAST_WORD = frozenset({408, 502, 503, 504})
"""Statuses of whoever stands between, or of a far side that gave up waiting: what was asked may still happen."""
GZIP = 31  # zlib's window bits for a gzip header

Resolve = Callable[[str, int], Awaitable[list[str]]]
"""All addresses of a host name, best first. Raises OSError or ValueError."""


@dataclass(frozen=True, kw_only=True)
class ServiceAddress:
    """Where one of our own services listens, and how to prove who asks."""

    base_url: Callable[[], str]
    token: Callable[[str], str]  # by tenant


@dataclass(frozen=True, kw_only=True)
class _Request:
    method: str
    url: str  # as people read it
    connect_to: tuple[str, ...]  # the same with each checked address in place of the name, to be tried in turn
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


@cache
def trusted_certificates() -> ssl.SSLContext:
    """Whom HTTPS trusts; read once a process, which takes 30 ms."""
    return httpx2.create_ssl_context(trust_env=False)


@asynccontextmanager
async def open_http_connector(
    services: Mapping[str, ServiceAddress], is_known_address: Callable[[str, str, int], Awaitable[bool]]
) -> AsyncIterator["HttpConnector"]:
    """The connector with its connections, closed at the end of the block."""
    client = httpx2.AsyncClient(
        verify=trusted_certificates(),
        trust_env=False,
        follow_redirects=False,
        timeout=httpx2.Timeout(READ_S, connect=CONNECT_S),
        headers={"Accept-Encoding": "identity", "User-Agent": "opsconductor"},
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),  # nothing of one call is carried into another
    )
    async with client:
        yield HttpConnector(client, services, is_known_address)


class HttpConnector:
    """One request a call; no redirect is followed, no proxy is used, the answer is capped while it streams."""

    def __init__(
        self,
        client: httpx2.AsyncClient,
        services: Mapping[str, ServiceAddress],
        is_known_address: Callable[[str, str, int], Awaitable[bool]],
        resolve: Resolve | None = None,
    ) -> None:
        """`is_known_address(tenant, ip, port)` tells whether an asset of the tenant may be called there."""
        self._client = client
        self._services = services
        self._is_known_address = is_known_address
        self._resolve = resolve or _resolve

    async def call(self, call: ConnectorCall) -> ConnectorResult:
        """Make the request once."""
        try:
            request = await self._request(call)
        except _Refused as refused:
            return ConnectorResult(outcome="not_sent", error_code=refused.code, error=refused.words)
        shown: dict[str, Json] = {"method": request.method, "url": request.url}
        started = time.perf_counter()
        try:
            status, encoding, body = await self._exchange(request)
        except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.InvalidURL) as error:
            words = f"Nothing answers at {request.url} ({type(error).__name__})."
            return ConnectorResult(outcome="not_sent", request=shown, error_code="connector.unreachable", error=words)
        except httpx2.HTTPError as error:
            words = f"The request to {request.url} broke ({type(error).__name__})."
            return ConnectorResult(outcome="unknown", request=shown, error_code="connector.unreachable", error=words)
        milliseconds = round((time.perf_counter() - started) * 1000)
        return _judged(call, request, status, encoding, body, milliseconds, shown)

    def preview(self, call: ConnectorCall) -> JsonObject:
        """See the port. A typed address is told as it was typed: nobody is asked for its name."""
        method, url = _method(call), _typed_url(call)
        try:
            known = None if url else self._known_request(call, method)
        except _Refused as refused:
            return {"method": method, "refused": refused.words}
        shown: dict[str, Json] = {"method": method, "url": known.url if known is not None else url}
        return shown | ({"body": known.body} if known is not None and known.body is not None else {})

    async def _request(self, call: ConnectorCall) -> _Request:
        url = _typed_url(call)
        return (
            await self._typed_request(call.tenant, _method(call), url)
            if url
            else self._known_request(call, _method(call))
        )

    def _known_request(self, call: ConnectorCall, method: str) -> _Request:
        """A request to one of our own services, or to a service of the target."""
        if "service" in call.run.http:
            return self._service_request(call, method)
        if call.target is None:
            raise _Refused("connector.failed", "This request names no address.")
        return _target_request(call.target, method, filled(call.run.http.get("port", {}), call.inputs), call)

    def _service_request(self, call: ConnectorCall, method: str) -> _Request:
        name = str(call.run.http["service"])
        service = self._services.get(name)
        if service is None:
            raise _Refused("connector.unknown", f"There is no service named {name} here.")
        url = service.base_url() + str(call.run.http.get("path", "/"))
        return _Request(
            method=method,
            url=url,
            connect_to=(url,),
            headers={"Authorization": f"Bearer {service.token(call.tenant)}"},
            body=filled(call.run.http.get("body"), call.inputs),
            limit=SERVICE_BYTES,
        )

    async def _typed_request(self, tenant: str, method: str, url: str) -> _Request:
        """A person typed this address: resolve it once, check every address, connect to the one checked."""
        parts, host, port = _taken_apart(url)
        try:
            addresses = list(dict.fromkeys(await self._resolve(host, port)))
        except (OSError, ValueError) as error:
            raise _Refused("connector.unreachable", f"The name {host} cannot be resolved.") from error
        if not addresses:
            raise _Refused("connector.unreachable", f"The name {host} has no address.")
        for address in addresses:
            await self._check_address(tenant, address, port)
        path = parts.path or "/"
        query = f"?{parts.query}" if parts.query else ""
        shown_port = "" if port == _usual_port(parts.scheme) else f":{port}"
        return _Request(
            method=method,
            url=url,
            connect_to=tuple(f"{parts.scheme}://{_in_url(one)}:{port}{path}{query}" for one in addresses),
            # Closed afterwards: a kept connection was made, and its certificate checked, for another name.
            headers={"Host": f"{_in_url(host)}{shown_port}", "Connection": "close"},
            host=host.rstrip("."),
        )

    async def _check_address(self, tenant: str, address: str, port: int) -> None:
        """Public addresses pass; any other must belong to an asset of the tenant."""
        kind = kind_of_address(address)
        if kind == NEVER:
            raise _Refused("connector.forbidden_address", f"{address} is not an address that may be called.")
        if kind != PUBLIC and not await self._is_known_address(tenant, plain_address(address), port):
            raise _Refused("connector.forbidden_address", f"{address} is private and belongs to no asset of yours.")

    async def _exchange(self, request: _Request) -> tuple[int, str, bytes]:
        """Status, content encoding and body. Only an address that did not take the connection leads to the next one."""
        *first, last = request.connect_to
        for url in first:
            try:
                return await self._send(request, url)
            except (httpx2.ConnectError, httpx2.ConnectTimeout):
                continue
        return await self._send(request, last)

    async def _send(self, request: _Request, url: str) -> tuple[int, str, bytes]:
        content = None if request.body is None else json.dumps(request.body).encode("ascii")
        headers = {**request.headers, **({"Content-Type": "application/json"} if content else {})}
        extensions = {"sni_hostname": request.host} if request.host else {}
        async with self._client.stream(
            request.method, url, headers=headers, content=content, extensions=extensions
        ) as response:
            body = bytearray()
            async for chunk in response.aiter_raw():  # unpacked later, and never further than the limit
                body += chunk
                if len(body) > request.limit:
                    break
            return response.status_code, response.headers.get("content-encoding", ""), bytes(body)


def _method(call: ConnectorCall) -> str:
    return str(call.run.http.get("method", "GET"))


def _typed_url(call: ConnectorCall) -> str:
    """The address that a person typed; "" for a request to a service that is known."""
    if "service" in call.run.http or call.target is not None:
        return ""
    url = filled(call.run.http.get("url"), call.inputs)
    return url if isinstance(url, str) else ""


async def _resolve(host: str, port: int) -> list[str]:
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(item[4][0]) for item in found]


def _taken_apart(url: str) -> tuple[SplitResult, str, int]:
    """The parts of a typed address, its host name in ASCII, and its port."""
    try:
        parts = urlsplit(url)
        port = parts.port or _usual_port(parts.scheme)
        host = parts.hostname or ""
        host = host if host.isascii() else host.encode("idna").decode("ascii")
    except ValueError as error:
        raise _Refused("connector.forbidden_address", "This is not an address that can be called.") from error
    if parts.scheme not in ("http", "https") or not host or parts.username or parts.password:
        raise _Refused("connector.forbidden_address", "Only http and https addresses without a password are called.")
    return parts, host, port


def _usual_port(scheme: str) -> int:
    return 443 if scheme == "https" else 80


def _in_url(address: str) -> str:
    return f"[{address}]" if ":" in address else address


def _target_request(target: Asset, method: str, service: Json, call: ConnectorCall) -> _Request:
    """The HTTP service of an inventory asset: its address and the port the inventory holds."""
    wanted = str(service or call.inputs.get("service") or "")
    ports = [item.port for item in target.services if item.port and (not wanted or item.name == wanted)]
    if not target.ip or not ports:
        raise _Refused("connector.unreachable", f"The inventory holds no HTTP port of {target.name}.")
    url = f"http://{_in_url(target.ip)}:{ports[0]}{call.run.http.get('path', '/')}"
    return _Request(method=method, url=url, connect_to=(url,))


def _judged(
    call: ConnectorCall,
    request: _Request,
    status: int,
    encoding: str,
    body: bytes,
    milliseconds: int,
    shown: dict[str, Json],
) -> ConnectorResult:
    response: dict[str, Json] = {"status": status, "bytes": len(body)}
    if call.changing and status in NOT_THE_LAST_WORD:
        words = f"{request.url} answered with status {status}, which does not tell what came of it."
        return ConnectorResult(
            outcome="unknown", request=shown, response=response, error_code="connector.failed", error=words
        )
    if len(body) > request.limit:
        return _too_large(request, response, shown)
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
        body = _unpacked(body, encoding, request.limit)
        if len(body) > request.limit:
            return _too_large(request, response, shown)
        return ConnectorResult(
            outcome="done", ok=True, output=parsed(body, call.run.parse), request=shown, response=response
        )
    except BadOutput as error:
        return ConnectorResult(
            outcome="done", request=shown, response=response, error_code="connector.bad_output", error=str(error)
        )


def _too_large(request: _Request, response: dict[str, Json], shown: dict[str, Json]) -> ConnectorResult:
    words = f"The answer is larger than {request.limit} bytes."
    return ConnectorResult(
        outcome="done", request=shown, response=response, error_code="connector.too_large", error=words
    )


def _unpacked(body: bytes, encoding: str, limit: int) -> bytes:
    """The body as text was meant; at most one byte more than the limit is ever unpacked."""
    if encoding.lower() in ("", "identity"):
        return body
    if encoding.lower() != "gzip":
        raise BadOutput(f"The answer is packed as {encoding[:20]!r}, which was not asked for.")
    try:
        return zlib.decompressobj(GZIP).decompress(body, limit + 1)
    except zlib.error as error:
        raise BadOutput("The answer says that it is gzip, and is not.") from error
