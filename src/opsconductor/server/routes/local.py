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
from opsconductor.server.people import People
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


@dataclass(frozen=True, kw_only=True)
class IdentityRequest:
    """A new identity."""

    __pydantic_config__ = ONLY_THESE_FIELDS

    name: Annotated[str, Field(max_length=200)]
    roles: Annotated[list[str], Field(max_length=20)]
    kind: Annotated[str, Field(max_length=20)] = "human"


@dataclass(frozen=True, kw_only=True)
class GrantRequest:
    """Roles more, or with `revoke` less."""

    __pydantic_config__ = ONLY_THESE_FIELDS

    name: Annotated[str, Field(max_length=200)]
    roles: Annotated[list[str], Field(max_length=20)]
    revoke: Annotated[bool, Field(strict=True)] = False


@dataclass(frozen=True, kw_only=True)
class DisableRequest:
    """An identity that acts no more, or with `enable` acts again."""

    __pydantic_config__ = ONLY_THESE_FIELDS

    name: Annotated[str, Field(max_length=200)]
    enable: Annotated[bool, Field(strict=True)] = False


@dataclass(frozen=True, kw_only=True)
class SelfApprovalRequest:
    """The switch of self-approval; `on` null only shows it."""

    __pydantic_config__ = ONLY_THESE_FIELDS

    on: Annotated[bool, Field(strict=True)] | None = None
    reason: Annotated[str, Field(max_length=1000)] = ""


async def only_local(request: Request) -> None:
    """Raise `request.not_found` for a caller from the network."""
    if getattr(request.state, PEER_UID, None) is None:
        raise NotFound("request.not_found", "There is nothing at this path.")


def administration(request: Request, identity: Caller) -> Administration:
    """The caller's administration of this server's engine."""
    return Administration(request.app.state.engine, request.app.state.credentials, identity)


def people(request: Request, identity: Caller) -> People:
    """The caller's administration of this tenant's identities."""
    return People(request.app.state.engine, identity)


Admin = Annotated[Administration, Depends(administration)]
Others = Annotated[People, Depends(people)]


async def identities(of: Others) -> Response:
    """Who there is."""
    return json_response(await of.identities())


async def create_identity(request: Request, of: Others) -> Response:
    """A new identity."""
    wanted = parse(IdentityRequest, await read_object(request))
    return json_response(await of.create(wanted.name, wanted.roles, wanted.kind))


async def grant(request: Request, of: Others) -> Response:
    """Other roles."""
    wanted = parse(GrantRequest, await read_object(request))
    return json_response(await of.grant(wanted.name, wanted.roles, revoke=wanted.revoke))


async def disable(request: Request, of: Others) -> Response:
    """An end, or a new beginning."""
    wanted = parse(DisableRequest, await read_object(request))
    return json_response(await of.disable(wanted.name, enable=wanted.enable))


async def self_approval(request: Request, of: Others) -> Response:
    """The switch, changed where the body says so."""
    wanted = parse(SelfApprovalRequest, await read_object(request))
    return json_response(await of.self_approval(wanted.on, wanted.reason))


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
    routes.add_api_route("/identities", identities, methods=["GET"])
    routes.add_api_route("/identities", create_identity, methods=["POST"])
    routes.add_api_route("/identities/grant", grant, methods=["POST"])
    routes.add_api_route("/identities/disable", disable, methods=["POST"])
    routes.add_api_route("/self-approval", self_approval, methods=["POST"])
    routes.add_api_route("/tokens", tokens, methods=["GET"])
    routes.add_api_route("/tokens", create_token, methods=["POST"])
    routes.add_api_route("/tokens/{token_id}", revoke_token, methods=["DELETE"])
    routes.add_api_route("/sign-in-link", sign_in_link, methods=["POST"])
    return routes
