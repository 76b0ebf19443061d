"""Who calls: the identity behind a bearer token, a signed-in browser, or the user at the local socket."""

from typing import Annotated

from fastapi import Depends, Request

from opsconductor.domain.errors import Refused
from opsconductor.domain.identity import Identity
from opsconductor.server.credentials import BEARER, SESSION_COOKIE, Credentials, check_tenant
from opsconductor.server.door_keeper import is_from_own_page
from opsconductor.server.local_socket import PEER_UID

AS_HEADER = "OpsConductor-As"
"""Names the identity that the bearer token must belong to."""
CHANNEL_HEADER = "OpsConductor-Channel"
"""At the local socket: `chat` when a conversation asks."""
TENANT_HEADER = "OpsConductor-Tenant"
"""At the local socket: the isolation tenant that the caller means."""

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def cookie_name(home_id: str) -> str:
    """The session cookie of one home: browsers do not keep cookies apart by port."""
    return f"opsconductor_{home_id}"


async def caller(request: Request) -> Identity:
    """The identity of this request, which must be of the tenant that it names, if it names one.

    Raises `identity.required` when nothing says who it is, `identity.bad_token`, `identity.unknown`, and
    `request.origin` for a change that a browser sends without saying from which page.
    """
    identity = await _identify(request)
    tenant = request.headers.get(TENANT_HEADER)
    if tenant is not None:
        check_tenant(identity, tenant)
    return identity


async def _identify(request: Request) -> Identity:
    credentials: Credentials = request.app.state.credentials
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    if scheme:
        if scheme.lower() != "bearer":
            raise Refused("identity.required", "Only bearer tokens are taken.")
        name = request.headers.get(AS_HEADER)
        if name is not None:
            return await credentials.identity_named(name, secret.strip())
        return await credentials.identity_of(secret.strip(), BEARER)
    peer = getattr(request.state, PEER_UID, None)
    if peer is not None:
        return await credentials.identity_of_user(peer)
    cookie = request.cookies.get(cookie_name(request.app.state.engine.home_id))
    if cookie:
        if request.method not in _SAFE_METHODS and not is_from_own_page(request.headers):
            raise Refused("request.origin", "A signed-in browser must say that this server's page asks.")
        return await credentials.identity_of(cookie, SESSION_COOKIE)
    raise Refused("identity.required", "This server answers only to those it knows.")


Caller = Annotated[Identity, Depends(caller)]


def channel_of(request: Request) -> str:
    """How the request came in: `cli` or `chat` at the local socket, `web` from a signed-in browser, else `api`."""
    if getattr(request.state, PEER_UID, None) is not None:
        return "chat" if request.headers.get(CHANNEL_HEADER) == "chat" else "cli"
    return "api" if "authorization" in request.headers else "web"
