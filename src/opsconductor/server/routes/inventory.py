"""What there is to act on and to act with: assets and tools."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from opsconductor.domain.assets import FILTER_FIELDS, AssetAnswer
from opsconductor.domain.catalogue import Tool
from opsconductor.domain.errors import BadInput
from opsconductor.phases.p07_execute_tools.explain_call import CallLevel
from opsconductor.server.caller import Caller, channel_of
from opsconductor.server.desk import Desk
from opsconductor.server.json_response import json_response
from opsconductor.server.route_documentation import problems_of
from opsconductor.services.asset_service.wire import listing_of

Targets = Annotated[Sequence[str], Query(max_length=200, description="Names of assets, each once.")]
Inputs = Annotated[Sequence[str], Query(max_length=100, description="Inputs, each as NAME=VALUE.")]


def _parameters() -> dict[str, Any]:
    """The query parameters of GET /assets, which are the asset service's own."""
    described = [
        {"name": "limit", "schema": {"type": "integer", "minimum": 1, "maximum": 1000, "default": 100}},
        {"name": "offset", "schema": {"type": "integer", "minimum": 0, "maximum": 2**31, "default": 0}},
    ]
    described += [{"name": name, "schema": {"type": "string", "maxLength": 256}} for name in FILTER_FIELDS]
    return {"parameters": [{**one, "in": "query", "required": False} for one in described]}


async def assets(request: Request, identity: Caller) -> Response:
    """A page of assets, filtered by field; `total_count` and `breakdown` count all that match."""
    query = listing_of(request.query_params.multi_items())
    return json_response(await Desk(request.app.state.engine, identity, channel_of(request)).assets(query))


async def tools(request: Request, identity: Caller) -> Response:
    """The tools of the pack in use, by name."""
    return json_response(Desk(request.app.state.engine, identity, channel_of(request)).tools())


async def tool(request: Request, identity: Caller, name: str) -> Response:
    """One tool with its inputs, effect, risk and estimate."""
    return json_response(Desk(request.app.state.engine, identity, channel_of(request)).tool(name))


async def call_level(
    request: Request, identity: Caller, name: str, target: Targets = (), input: Inputs = ()
) -> Response:
    """The risk of a call part by part, and the approval level it would have; nothing is run or stored."""
    desk = Desk(request.app.state.engine, identity, channel_of(request))
    return json_response(await desk.call_level(name, target, named_inputs(input)))


def named_inputs(given: Sequence[str]) -> dict[str, str]:
    """`NAME=VALUE` texts by name. Raises `request.invalid`."""
    pairs = [text.partition("=") for text in given]
    wrong = [text for text, (name, equals, _) in zip(given, pairs, strict=True) if not name or not equals]
    if wrong:
        raise BadInput("request.invalid", f"{wrong[0]!r} is no input; write NAME=VALUE.")
    return {name: value for name, _, value in pairs}


def create_routes() -> APIRouter:
    """The paths of this subject."""
    routes = APIRouter(tags=["inventory"])
    routes.add_api_route(
        "/assets",
        assets,
        methods=["GET"],
        summary="Assets",
        response_model=AssetAnswer,
        responses=problems_of(401, 403, 421, 422, 502, 503),
        openapi_extra=_parameters(),
    )
    routes.add_api_route(
        "/tools",
        tools,
        methods=["GET"],
        summary="Tools",
        response_model=list[Tool],
        responses=problems_of(401, 403, 421, 503),
    )
    routes.add_api_route(
        "/tools/{name}",
        tool,
        methods=["GET"],
        summary="One tool",
        response_model=Tool,
        responses=problems_of(401, 403, 404, 421, 503),
    )
    routes.add_api_route(
        "/tools/{name}/level",
        call_level,
        methods=["GET"],
        summary="Risk and approval level of one call",
        response_model=CallLevel,
        responses=problems_of(400, 401, 403, 404, 409, 421, 422, 502, 503),
    )
    return routes
