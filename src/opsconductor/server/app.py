"""The HTTP application of one engine: routes, the door keeper round them, and the API reference."""

from collections.abc import Callable
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from starlette.exceptions import HTTPException
from starlette.responses import Response

import opsconductor
from opsconductor.bootstrap import Engine
from opsconductor.domain.errors import BadInput
from opsconductor.server.caller import cookie_name
from opsconductor.server.credentials import Credentials
from opsconductor.server.door_keeper import DoorKeeper, Seen
from opsconductor.server.json_response import json_response
from opsconductor.server.metrics import ServerMetrics
from opsconductor.server.problems import problem, refused_by_routing
from opsconductor.server.route_documentation import PROBLEM_SCHEMA, SECURITY_SCHEMES
from opsconductor.server.routes import executions, health, inventory, local, page, pipeline, records, sign_in
from opsconductor.server.running_turns import RunningTurns

SUBJECTS = (pipeline, records, executions, inventory, health, sign_in, page, local)


def create_app(
    engine: Engine,
    turns: RunningTurns,
    *,
    address: str,
    hosts: frozenset[str] = frozenset(),
    seen: Callable[[Seen], None],
) -> FastAPI:
    """The application, called by the URL `address`.

    `hosts`: names beside the loopback ones by which it may be called; `seen` hears of each request.
    """
    app = FastAPI(
        title="OpsConductor",
        version=opsconductor.__version__,
        description="Ask an operations question or give an order in plain words; get the executed truth.",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    metrics = ServerMetrics()
    app.state.engine = engine
    app.state.turns = turns
    app.state.address = address
    app.state.metrics = metrics
    app.state.credentials = Credentials(engine.storage, engine.clock, engine.ids)
    for subject in SUBJECTS:
        app.include_router(subject.create_routes())
    app.add_api_route("/openapi.json", _reference, include_in_schema=False)
    app.add_exception_handler(HTTPException, _refused_by_routing)
    app.add_exception_handler(RequestValidationError, _refused_parameter)

    def both(what: Seen) -> None:
        metrics.request(what)
        seen(what)

    app.add_middleware(
        DoorKeeper,
        hosts=hosts,
        new_id=lambda: engine.ids.new("req"),
        report=engine.phases.faults.report,
        seen=both,
    )
    return app


async def _reference(request: Request) -> Response:
    """The API reference, open to everybody: it holds no data."""
    return json_response(api_reference(request.app))


def api_reference(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document, made once."""
    if app.openapi_schema is None:
        document = get_openapi(
            title=app.title, version=app.version, description=app.description, routes=list(app.routes)
        )
        components = document.setdefault("components", {})
        components.setdefault("schemas", {})["Problem"] = dict(PROBLEM_SCHEMA)
        cookie = {**SECURITY_SCHEMES["cookie"], "name": cookie_name(app.state.engine.home_id)}
        components["securitySchemes"] = {**SECURITY_SCHEMES, "cookie": cookie}
        document["security"] = [{"bearer": []}, {"cookie": []}]
        app.openapi_schema = document
    return app.openapi_schema


async def _refused_by_routing(request: Request, error: Exception) -> Response:
    status, headers = (error.status_code, error.headers) if isinstance(error, HTTPException) else (404, None)
    path = request.url.path
    return problem(refused_by_routing(status, request.method, path), path, headers)


async def _refused_parameter(request: Request, error: Exception) -> Response:
    first = error.errors()[0] if isinstance(error, RequestValidationError) else {"loc": (), "msg": "is not valid"}
    name = str(first["loc"][-1]) if first["loc"] else "the request"
    return problem(BadInput("request.invalid", f"{name}: {first['msg']}.", field=name), request.url.path)
