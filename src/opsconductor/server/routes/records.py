"""What has happened and what waits: executions, turns and approvals, newest first."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from opsconductor.domain.approvals import Approval
from opsconductor.domain.commands import PlannedCommand
from opsconductor.domain.execution import Execution
from opsconductor.domain.replay import TurnReplay
from opsconductor.domain.turn import TurnRecord
from opsconductor.server.caller import Caller, channel_of
from opsconductor.server.desk import MOST, Desk
from opsconductor.server.json_response import json_response
from opsconductor.server.route_documentation import body_of, problems_of
from opsconductor.server.schemas import ReviewRequest, parse
from opsconductor.services.asset_service.strict_json import read_object

_LIST = problems_of(401, 403, 421, 422, 503)
_ONE = problems_of(401, 403, 404, 421, 503)

Limit = Annotated[int, Query(ge=1, le=MOST, description="At most so many, newest first.")]


async def executions(request: Request, identity: Caller, limit: Limit = 50) -> Response:
    """Executions with their plans and results."""
    return json_response(await _desk(request, identity).executions(limit))


async def execution(request: Request, identity: Caller, execution_id: str) -> Response:
    """One execution with its state changes (`moves`) and every attempt (`journal`)."""
    return json_response(await _desk(request, identity).execution(execution_id))


async def commands(request: Request, identity: Caller, execution_id: str) -> Response:
    """What its plan sends, call by call and target by target; secrets are hidden, and nothing is sent."""
    return json_response(await _desk(request, identity).commands(execution_id))


async def output(request: Request, identity: Caller, execution_id: str, output_ref: str) -> Response:
    """The whole output of a step whose result was cut: `output_ref` stands in the result."""
    return json_response(await _desk(request, identity).output(output_ref, execution_id))


async def turns(request: Request, identity: Caller, limit: Limit = 50, session_id: str = "") -> Response:
    """Records of finished turns, of one conversation where `session_id` is given."""
    return json_response(await _desk(request, identity).turns(limit, session_id))


async def turn(request: Request, identity: Caller, turn_id: str) -> Response:
    """The record of one turn: reply, rules kept and dropped, lanes, timings."""
    return json_response(await _desk(request, identity).turn(turn_id))


async def replay(request: Request, identity: Caller, turn_id: str) -> Response:
    """The turn derived again from its record: `same`, or every difference. Nothing is called and nothing written."""
    return json_response(await _desk(request, identity).replay(turn_id))


async def approvals(request: Request, identity: Caller, limit: Limit = 50, state: str = "") -> Response:
    """Questions to people, those in `state` where it is given: pending, approved, consumed, rejected, expired, …"""
    return json_response(await _desk(request, identity).approvals(limit, state))


async def approval(request: Request, identity: Caller, approval_id: str) -> Response:
    """One approval with the stored object it binds (`envelope`) and the plan in words (`plan`)."""
    return json_response(await _desk(request, identity).approval(approval_id))


async def reviews(request: Request, identity: Caller) -> Response:
    """Approvals that were given without the second person and owe a review, oldest first."""
    return json_response(await _desk(request, identity).reviews_due())


async def review(request: Request, identity: Caller, approval_id: str) -> Response:
    """Record what a second person says of such an approval; nothing that was run is changed by it."""
    wanted = parse(ReviewRequest, await read_object(request))
    desk = _desk(request, identity)
    return json_response(await desk.review(approval_id, wanted.reason, agrees=wanted.agrees))


def _desk(request: Request, identity: Caller) -> Desk:
    return Desk(request.app.state.engine, identity, channel_of(request))


def create_routes() -> APIRouter:
    """The paths of this subject."""
    routes = APIRouter(tags=["records"])
    _add_executions(routes)
    routes.add_api_route(
        "/turns", turns, methods=["GET"], summary="Turns", response_model=list[TurnRecord], responses=_LIST
    )
    routes.add_api_route(
        "/turns/{turn_id}", turn, methods=["GET"], summary="One turn", response_model=TurnRecord, responses=_ONE
    )
    routes.add_api_route(
        "/turns/{turn_id}/replay",
        replay,
        methods=["GET"],
        summary="Derive a turn again from its record",
        response_model=TurnReplay,
        responses=_ONE,
    )
    routes.add_api_route(
        "/approvals", approvals, methods=["GET"], summary="Approvals", response_model=list[Approval], responses=_LIST
    )
    routes.add_api_route(
        "/approvals/{approval_id}",
        approval,
        methods=["GET"],
        summary="One approval",
        response_model=Approval,
        responses=_ONE,
    )
    routes.add_api_route(
        "/approvals/{approval_id}/review",
        review,
        methods=["POST"],
        summary="Review an approval given without the second person",
        response_model=Approval,
        responses=problems_of(400, 401, 403, 404, 409, 413, 415, 421, 422, 503),
        openapi_extra=body_of(ReviewRequest),
    )
    routes.add_api_route(
        "/reviews", reviews, methods=["GET"], summary="Reviews due", response_model=list[Approval], responses=_LIST
    )
    return routes


def _add_executions(routes: APIRouter) -> None:
    routes.add_api_route(
        "/executions",
        executions,
        methods=["GET"],
        summary="Executions",
        response_model=list[Execution],
        responses=_LIST,
    )
    routes.add_api_route(
        "/executions/{execution_id}",
        execution,
        methods=["GET"],
        summary="One execution",
        response_model=Execution,
        responses=_ONE,
    )
    routes.add_api_route(
        "/executions/{execution_id}/commands",
        commands,
        methods=["GET"],
        summary="What an execution sends",
        response_model=list[PlannedCommand],
        responses=_ONE,
    )
    routes.add_api_route(
        "/executions/{execution_id}/outputs/{output_ref}",
        output,
        methods=["GET"],
        summary="A whole output",
        responses=_ONE,
    )
