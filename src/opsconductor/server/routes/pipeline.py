"""`POST /pipeline` and `POST /pipeline/execute`: a turn opened by words, or by a decision on a frozen plan."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response, StreamingResponse

from opsconductor.domain.errors import OpsConductorError
from opsconductor.domain.json_value import Json, JsonObject
from opsconductor.domain.turn import ApprovalAnswer, TurnInput, TurnReply
from opsconductor.server.caller import Caller, channel_of
from opsconductor.server.desk import Desk
from opsconductor.server.json_response import json_bytes, json_response
from opsconductor.server.problems import document
from opsconductor.server.route_documentation import IDEMPOTENCY_HEADER, body_of, problems_of
from opsconductor.server.running_turns import RunningTurns, idempotency_of
from opsconductor.server.schemas import ExecuteRequest, PipelineReply, PipelineRequest, UndoRequest, parse, reply_json
from opsconductor.services.asset_service.strict_json import read_object

EVENT_STREAM = "text/event-stream"
STREAMED: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "What came of it; with Accept: text/event-stream, events `phase` and at last one `reply`.",
        "content": {EVENT_STREAM: {"schema": {"type": "string"}}},
    }
}
STREAM_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
ACCEPTING_PHASE = "p01_identify"
"""Once another phase begins the request is accepted: from here on everything that happens is told in a reply."""


async def pipeline(request: Request, identity: Caller) -> Response:
    """One turn. Told outcomes are 200, whatever they are; `Accept: text/event-stream` streams its phases first."""
    body = await read_object(request)
    wanted = parse(PipelineRequest, body)
    key, body_hash = _idempotency(request, identity.identity_id, body)
    turn = _desk(request, identity).message(
        wanted.request, wanted.session_id or "", key=key, body_hash=body_hash, dry_run=wanted.dry_run
    )
    return await _answer(request, turn)


async def execute(request: Request, identity: Caller) -> Response:
    """A turn that runs what was approved, or ends what was rejected; the same object as `POST /pipeline` gives."""
    body = await read_object(request)
    wanted = parse(ExecuteRequest, body)
    answer = ApprovalAnswer(
        approval_id=wanted.approval_id,
        plan_hash=wanted.plan_hash,
        decision=wanted.decision,
        reason=wanted.reason,
        changes=wanted.changes,
        break_glass=wanted.break_glass,
    )
    key, body_hash = _idempotency(request, identity.identity_id, body)
    turn = await _desk(request, identity).decision(answer, key=key, body_hash=body_hash)
    return await _answer(request, turn)


async def undo(request: Request, identity: Caller, execution_id: str) -> Response:
    """A turn that plans to take back what the execution changed, newest first; it runs once it is approved."""
    body = await read_object(request)
    wanted = parse(UndoRequest, body)
    key, body_hash = _idempotency(request, identity.identity_id, body)
    turn = await _desk(request, identity).undo(execution_id, wanted.reason, key=key, body_hash=body_hash)
    return await _answer(request, turn)


def _desk(request: Request, identity: Caller) -> Desk:
    return Desk(request.app.state.engine, identity, channel_of(request))


def _idempotency(request: Request, identity_id: str, body: dict[str, Json]) -> tuple[str, str]:
    """The key and the digest of the request, as they are stored."""
    return idempotency_of(request.headers.get("idempotency-key"), identity_id, request.url.path, body)


async def _answer(request: Request, turn: TurnInput) -> Response:
    turns: RunningTurns = request.app.state.turns
    accepted = [part.split(";")[0].strip() for part in request.headers.get("accept", "").split(",")]
    if EVENT_STREAM not in accepted:
        reply = await turns.take(turn)
        request.app.state.metrics.turn(reply)
        return json_response(reply_json(reply))
    return await _stream(request, turns, turn)


async def _stream(request: Request, turns: RunningTurns, turn: TurnInput) -> Response:
    """Events `phase` as they happen, then one `reply`. What is refused before acceptance is a problem as ever."""
    events: asyncio.Queue[JsonObject | None] = asyncio.Queue()

    def observe(phase: str, event: str, at_ms: float) -> None:
        events.put_nowait({"phase": phase, "event": event, "ms": at_ms})

    end = turns.begin(turn, observe)
    end.add_done_callback(lambda _: events.put_nowait(None))
    seen: list[JsonObject | None] = []
    while not seen or not _is_accepted(seen[-1]):
        seen.append(await events.get())
    if seen[-1] is None:
        await end  # raises what was refused
    return StreamingResponse(_events(request, seen, events, end), media_type=EVENT_STREAM, headers=STREAM_HEADERS)


def _is_accepted(event: JsonObject | None) -> bool:
    return event is None or event["phase"] != ACCEPTING_PHASE


async def _events(
    request: Request,
    seen: list[JsonObject | None],
    events: "asyncio.Queue[JsonObject | None]",
    end: "asyncio.Future[TurnReply]",
) -> AsyncIterator[bytes]:
    for event in seen:
        if event is not None:
            yield _event("phase", event)
    while seen[-1] is not None and (event := await events.get()) is not None:
        yield _event("phase", event)
    try:
        reply = await asyncio.shield(end)
    except OpsConductorError as error:
        yield _event("problem", document(error, request.url.path))
        return
    request.app.state.metrics.turn(reply)
    yield _event("reply", reply_json(reply))


def _event(name: str, value: JsonObject) -> bytes:
    return b"event: " + name.encode() + b"\ndata: " + json_bytes(value) + b"\n\n"


def create_routes() -> APIRouter:
    """The paths of this subject."""
    routes = APIRouter(tags=["pipeline"])
    routes.add_api_route(
        "/pipeline",
        pipeline,
        methods=["POST"],
        summary="Ask a question or give an order",
        response_model=PipelineReply,
        responses=STREAMED | problems_of(400, 401, 403, 404, 409, 413, 415, 421, 422, 503),
        openapi_extra=body_of(PipelineRequest, IDEMPOTENCY_HEADER),
    )
    routes.add_api_route(
        "/pipeline/execute",
        execute,
        methods=["POST"],
        summary="Approve, reject, send back or edit exactly one frozen plan",
        response_model=PipelineReply,
        responses=STREAMED | problems_of(400, 401, 403, 404, 409, 413, 415, 421, 422, 503),
        openapi_extra=body_of(ExecuteRequest, IDEMPOTENCY_HEADER),
    )
    routes.add_api_route(
        "/executions/{execution_id}/undo",
        undo,
        methods=["POST"],
        summary="Plan to take an execution back",
        response_model=PipelineReply,
        responses=STREAMED | problems_of(400, 401, 403, 404, 409, 413, 415, 421, 422, 503),
        openapi_extra=body_of(UndoRequest, IDEMPOTENCY_HEADER),
    )
    return routes
