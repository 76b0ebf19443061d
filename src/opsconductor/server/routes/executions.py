"""`POST /executions/{id}/cancel` and `/resolve`: an order to stop, and a person's word on an unknown outcome."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from opsconductor.domain.execution import Execution
from opsconductor.domain.json_value import Json
from opsconductor.server.caller import Caller, channel_of
from opsconductor.server.desk import Desk
from opsconductor.server.json_response import json_response
from opsconductor.server.route_documentation import IDEMPOTENCY_HEADER, body_of, problems_of
from opsconductor.server.running_turns import idempotency_of
from opsconductor.server.schemas import CancelRequest, ResolveRequest, parse
from opsconductor.services.asset_service.strict_json import read_object
from opsconductor.stages.e_execute.approvals.ordered_once import OrderKey

_PROBLEMS = problems_of(400, 401, 403, 404, 409, 413, 415, 421, 422, 503)
_KEY: Mapping[str, Any] = {
    **IDEMPOTENCY_HEADER,
    "description": "The same key with the same body changes nothing twice; with another body it is a 409.",
}


async def cancel(request: Request, identity: Caller, execution_id: str) -> Response:
    """End what waits at once; of what runs the step under way ends and no later one begins."""
    body = await read_object(request)
    wanted = parse(CancelRequest, body)
    order = _order(request, identity.identity_id, body)
    return json_response(await _desk(request, identity).cancel_execution(execution_id, wanted.reason, order))


async def resolve(request: Request, identity: Caller, execution_id: str) -> Response:
    """Settle steps whose outcome nobody could read back; with the last one the execution ends as all of them say."""
    body = await read_object(request)
    wanted = parse(ResolveRequest, body)
    order = _order(request, identity.identity_id, body)
    desk = _desk(request, identity)
    return json_response(
        await desk.resolve_execution(
            execution_id, wanted.outcome, wanted.reason, step=wanted.step, target=wanted.target, order=order
        )
    )


def _desk(request: Request, identity: Caller) -> Desk:
    return Desk(request.app.state.engine, identity, channel_of(request))


def _order(request: Request, identity_id: str, body: dict[str, Json]) -> OrderKey:
    key, body_hash = idempotency_of(request.headers.get("idempotency-key"), identity_id, request.url.path, body)
    return OrderKey(key=key, body_hash=body_hash)


def create_routes() -> APIRouter:
    """The paths of this subject."""
    routes = APIRouter(tags=["records"])
    routes.add_api_route(
        "/executions/{execution_id}/cancel",
        cancel,
        methods=["POST"],
        summary="Cancel an execution",
        response_model=Execution,
        responses=_PROBLEMS,
        openapi_extra=body_of(CancelRequest, _KEY),
    )
    routes.add_api_route(
        "/executions/{execution_id}/resolve",
        resolve,
        methods=["POST"],
        summary="Settle an unknown outcome",
        response_model=Execution,
        responses=_PROBLEMS,
        openapi_extra=body_of(ResolveRequest, _KEY),
    )
    return routes
