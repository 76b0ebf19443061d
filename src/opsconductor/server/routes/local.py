"""Paths of the local socket alone: what a command of the same machine asks of the server that holds its home.

They are no part of the HTTP interface: over the network they do not exist.
"""

from typing import Annotated, Any

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
from opsconductor.server.schemas import WireModel, parse
from opsconductor.services.asset_service.strict_json import read_object
from opsconductor.services.asset_service.wire import query_of


class ImportRequest(WireModel):
    """See `ImportOrder`."""

    kind: str
    source: str
    dry_run: bool = False
    retire_missing: bool = False
    columns: dict[str, str] = Field(default_factory=dict)
    record_kind: str = ""
    token_ref: str = ""


class TokenRequest(WireModel):
    """A token for `name`, or for the caller; `lifetime_s` null: until revoked."""

    name: str = ""
    label: str = ""
    lifetime_s: float | None = None


async def only_local(request: Request) -> None:
    """Raise `request.not_found` for a caller from the network."""
    if getattr(request.state, PEER_UID, None) is None:
        raise NotFound("request.not_found", "There is nothing at this path.")


router = APIRouter(prefix="/local", include_in_schema=False, dependencies=[Depends(only_local)])


def administration(request: Request, identity: Caller) -> Administration:
    """The caller's administration of this server's engine."""
    return Administration(request.app.state.engine, request.app.state.credentials, identity)


Admin = Annotated[Administration, Depends(administration)]


@router.post("/assets/import")
async def import_assets(request: Request, admin: Admin) -> Response:
    """Import from a path of this machine, which the caller, being the same user, can read itself."""
    wanted = parse(ImportRequest, await read_object(request))
    fields: dict[str, Any] = wanted.model_dump()
    return json_response(await admin.import_assets(ImportOrder(**fields)))


@router.post("/assets/query")
async def query_assets(request: Request, identity: Caller) -> Response:
    """Any question to the asset service."""
    query = query_of(await read_object(request))
    return json_response(await Desk(request.app.state.engine, identity, channel_of(request)).assets(query))


@router.get("/tokens")
async def tokens(admin: Admin) -> Response:
    """All tokens, without their secrets."""
    return json_response(await admin.tokens())


@router.post("/tokens")
async def create_token(request: Request, admin: Admin) -> Response:
    """A new bearer token; its secret is in this answer only."""
    wanted = parse(TokenRequest, await read_object(request))
    return json_response(await admin.create_token(wanted.name, wanted.label, wanted.lifetime_s))


@router.delete("/tokens/{token_id}")
async def revoke_token(token_id: str, admin: Admin) -> Response:
    """End a token."""
    return json_response(await admin.revoke_token(token_id))


@router.post("/sign-in-link")
async def sign_in_link(request: Request, identity: Caller) -> Response:
    """A new one-time link that signs the caller in."""
    url = await request.app.state.credentials.sign_in_url(identity, request.app.state.address)
    return json_response({"url": url})
