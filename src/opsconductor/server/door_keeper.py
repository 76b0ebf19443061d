"""Round every request: its id, whether it may come in at all (Host, Origin, size), and what each response carries."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from opsconductor.domain.errors import BadInput, OpsConductorError, Refused
from opsconductor.server.problems import internal_fault, problem

MAX_BODY_BYTES = 64 * 1024
LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
REQUEST_ID_HEADER = "X-Request-Id"
SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; base-uri 'none'; object-src 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_AUTHORITY = re.compile(r"(?P<name>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(:\d{1,5})?")


@dataclass(frozen=True, kw_only=True)
class Seen:
    """One request that was answered, for logs and metrics; the query is left out, for it may hold a sign-in token."""

    request_id: str
    method: str
    path: str
    route: str  # the template, so that metrics have few labels; "" when no route took it
    status: int
    seconds: float
    fault: str = ""  # reference of the fault it met


class DoorKeeper:
    """ASGI middleware. `hosts`: names besides the loopback ones by which this server may be called."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        hosts: frozenset[str],
        new_id: Callable[[], str],
        report: Callable[[BaseException, str], str],
        seen: Callable[[Seen], None],
    ) -> None:
        """`report` writes a fault down and gives its reference; `seen` hears of every answered request."""
        self._app = app
        self._report = report
        self._hosts = LOOPBACK_NAMES | {host.lower() for host in hosts}
        self._new_id = new_id
        self._seen = seen

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; whatever goes wrong inside becomes a problem document."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        request_id = self._request_id(headers)
        scope.setdefault("state", {})["request_id"] = request_id
        started = time.perf_counter()
        status = 0

        async def marked_send(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                _mark(message, request_id)
            await send(message)

        fault = ""
        try:
            check_request(scope["method"], headers, self._hosts)
            await self._app(scope, receive, marked_send)
        except Exception as error:
            if isinstance(error, OpsConductorError):
                told = error
            else:
                fault = self._report(error, request_id)
                told = internal_fault(fault)
            if status == 0:
                await problem(told, scope["path"])(scope, receive, marked_send)
        route = getattr(scope.get("route"), "path", "")
        self._seen(
            Seen(
                request_id=request_id,
                method=scope["method"],
                path=scope["path"],
                route=route,
                status=status,
                seconds=time.perf_counter() - started,
                fault=fault,
            )
        )

    def _request_id(self, headers: Headers) -> str:
        given = headers.get(REQUEST_ID_HEADER, "")
        return given if _REQUEST_ID.fullmatch(given) else self._new_id()


def check_request(method: str, headers: Headers, hosts: frozenset[str]) -> None:
    """Refuse what no page or client of ours sends.

    Raises `request.host` for a Host that is none of `hosts`, `request.origin` for a change asked for by another
    site's page, `request.too_large` for a body that announces more than 64 KiB.
    """
    authorities = headers.getlist("host")
    match = _AUTHORITY.fullmatch(authorities[0]) if len(authorities) == 1 else None
    if match is None or match["name"].strip("[]").lower() not in hosts:
        raise BadInput("request.host", "This server is not called by that Host name.")
    if method not in _SAFE_METHODS:
        _check_origin(headers, authorities[0])
    announced = headers.get("content-length", "0")
    if announced.isdecimal() and int(announced) > MAX_BODY_BYTES:
        raise BadInput("request.too_large", "The body is larger than 64 KiB.", next_step="Send at most 64 KiB.")


def is_from_own_page(headers: Headers) -> bool:
    """Whether a browser says that a page of this very server sent the request."""
    origin = headers.get("origin")
    if origin is not None:
        return _is_same(origin, headers.get("host", ""))
    return headers.get("sec-fetch-site") == "same-origin"


def _check_origin(headers: Headers, authority: str) -> None:
    origins = headers.getlist("origin")
    elsewhere = headers.get("sec-fetch-site", "none") not in {"none", "same-origin"}
    if elsewhere or any(not _is_same(origin, authority) for origin in origins):
        raise Refused("request.origin", "Another site's page may not ask for changes here.")


def _is_same(origin: str, authority: str) -> bool:
    scheme, _, rest = origin.partition("://")
    return scheme in {"http", "https"} and rest.lower() == authority.lower()


def _mark(message: Message, request_id: str) -> None:
    headers = MutableHeaders(scope=message)
    headers[REQUEST_ID_HEADER] = request_id
    headers.setdefault("Cache-Control", "no-store")
    for name, value in SECURITY_HEADERS.items():
        headers[name] = value
