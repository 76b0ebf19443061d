"""Whether the server lives, whether it can work, and how it has been doing."""

import asyncio

from fastapi import APIRouter, Request
from starlette.responses import PlainTextResponse, Response

from opsconductor.domain.errors import Unavailable
from opsconductor.server.caller import Caller
from opsconductor.server.json_response import json_response
from opsconductor.server.metrics import CONTENT_TYPE
from opsconductor.server.route_documentation import OPEN, problems_of

READY_WITHIN_S = 5.0


async def healthz() -> Response:
    """The process answers; nothing more is said."""
    return json_response({"status": "alive"})


async def readyz(request: Request) -> Response:
    """The store and the asset service answer; a problem names the one that does not."""
    engine = request.app.state.engine
    try:
        async with asyncio.timeout(READY_WITHIN_S):
            await engine.storage.schema_version()
            await engine.inventory.vocabulary(engine.settings.tenant)
    except TimeoutError as error:
        raise Unavailable("store.unavailable", "The store or the asset service does not answer in time.") from error
    return json_response({"status": "ready"})


async def metrics(request: Request, identity: Caller) -> Response:
    """Counters and durations in the text format that Prometheus reads."""
    return Response(request.app.state.metrics.text(), headers={"Content-Type": CONTENT_TYPE})


def create_routes() -> APIRouter:
    """The paths of this subject."""
    routes = APIRouter(tags=["health"])
    routes.add_api_route(
        "/healthz", healthz, methods=["GET"], summary="Alive", responses=problems_of(421), openapi_extra=dict(OPEN)
    )
    routes.add_api_route(
        "/readyz", readyz, methods=["GET"], summary="Ready", responses=problems_of(421, 503), openapi_extra=dict(OPEN)
    )
    routes.add_api_route(
        "/metrics",
        metrics,
        methods=["GET"],
        summary="Metrics",
        response_class=PlainTextResponse,
        responses=problems_of(401, 403, 421),
    )
    return routes
