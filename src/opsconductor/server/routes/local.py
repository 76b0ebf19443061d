"""Paths of the local socket alone: what a command of the same machine asks of the server that holds its home.

They are no part of the HTTP interface: over the network they do not exist.
"""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import Field
from starlette.responses import Response

from opsconductor.domain.errors import NotFound
from opsconductor.server.administration import Administration
from opsconductor.server.caller import Caller, channel_of
from opsconductor.server.desk import Desk
from opsconductor.server.import_order import ImportOrder
from opsconductor.server.json_response import json_response
from opsconductor.server.local_socket import PEER_UID
from opsconductor.server.schemas import ONLY_THESE_FIELDS, parse
from opsconductor.services.asset_service.strict_json import read_object
from opsconductor.services.asset_service.wire import query_of


@dataclass(frozen=True, kw_only=True)
class TokenRequest:
    """A token for `name`, or for the caller; `lifetime_s` null: until revoked."""

    __pydantic_config__ = ONLY_THESE_FIELDS

    name: Annotated[str, Field(max_length=200)] = ""
    label: Annotated[str, Field(max_length=200)] = ""
    lifetime_s: Annotated[float, Field(strict=True, allow_inf_nan=False)] | None = None


async def only_local(request: Request) -> None:
    """Raise `request.not_found` for a caller from the network."""
    if getattr(request.state, PEER_UID, None) is None:
        raise NotFound("request.not_found", "There is nothing at this path.")


def administration(request: Request, identity: Caller) -> Administration:
    """The caller's administration of this server's engine."""
    return Administration(request.app.state.engine, request.app.state.credentials, identity)


Admin = Annotated[Administration, Depends(administration)]


async def import_assets(request: Request, admin: Admin) -> Response:
    """Import from a path of this machine, which the caller, being the same user, can read itself."""
    return json_response(await admin.import_assets(parse(ImportOrder, await read_object(request))))


async def query_assets(request: Request, identity: Caller) -> Response:
    """Any question to the asset service."""
    query = query_of(await read_object(request))
    return json_response(await Desk(request.app.state.engine, identity, channel_of(request)).assets(query))


async def tokens(admin: Admin) -> Response:
    """All tokens, without their secrets."""
    return json_response(await admin.tokens())


async def create_token(request: Request, admin: Admin) -> Response:
    """A new bearer token; its secret is in this answer only."""
    wanted = parse(TokenRequest, await read_object(request))
    return json_response(await admin.create_token(wanted.name, wanted.label, wanted.lifetime_s))


async def revoke_token(token_id: str, admin: Admin) -> Response:
    """End a token."""
    return json_response(await admin.revoke_token(token_id))


async def sign_in_link(request: Request, identity: Caller) -> Response:
    """A new one-time link that signs the caller in."""
    url = await request.app.state.credentials.sign_in_url(identity, request.app.state.address)
    return json_response({"url": url})


def create_routes() -> APIRouter:
    """The paths of this subject."""
    routes = APIRouter(prefix="/local", include_in_schema=False, dependencies=[Depends(only_local)])
    routes.add_api_route("/assets/import", import_assets, methods=["POST"])
    routes.add_api_route("/assets/query", query_assets, methods=["POST"])
    routes.add_api_route("/tokens", tokens, methods=["GET"])
    routes.add_api_route("/tokens", create_token, methods=["POST"])
    routes.add_api_route("/tokens/{token_id}", revoke_token, methods=["DELETE"])
    routes.add_api_route("/sign-in-link", sign_in_link, methods=["POST"])
    return routes
