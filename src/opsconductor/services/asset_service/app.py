"""The asset service: the only way by which understanding and tools see the inventory."""

import inspect
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeAlias

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from opsconductor.domain.errors import BadInput, NotFound, OpsConductorError, Refused
from opsconductor.domain.json_value import Json
from opsconductor.ports.asset_store import AssetStore
from opsconductor.ports.telemetry import FaultReporter
from opsconductor.services.asset_service import wire
from opsconductor.services.asset_service.problems import fault, problem
from opsconductor.services.asset_service.resolve import Resolver
from opsconductor.services.asset_service.strict_json import read_object

Verify: TypeAlias = Callable[[str], "str | Awaitable[str | None] | None"]
"""Gives the isolation tenant of a bearer token, None for a token that is not valid (any more)."""

HOME_HEADER = "OpsConductor-Home"

_Handler: TypeAlias = Callable[[Request], Awaitable[Response]]
_PATHS = "POST /query, POST /resolve, POST /assets, GET /assets, GET /vocabulary, GET /healthz"


class AssetService:
    """Answers questions about the assets of the tenant whose token a request carries.

    `store` holds the assets, `verify` knows the tokens, `home_id` tells clients whose service this is, `faults` keeps
    what breaks in here (without it a line of the log tells the reference alone).
    """

    def __init__(self, store: AssetStore, verify: Verify, home_id: str, faults: FaultReporter | None = None) -> None:
        """Nothing is read and no socket opened before the first request."""
        self._store = store
        self._verify = verify
        self._home_id = home_id
        self._faults = faults
        self._resolver = Resolver(store)
        self._vocabularies: dict[str, tuple[int, bytes]] = {}
        self._app = Starlette(
            routes=[
                Route("/query", self._edge(self.query), methods=["POST"]),
                Route("/resolve", self._edge(self.resolve), methods=["POST"]),
                Route("/vocabulary", self._edge(self.vocabulary), methods=["GET"]),
                Route("/assets", self._edge(self.assets), methods=["POST"]),
                Route("/assets", self._edge(self.listing), methods=["GET"]),
                Route("/healthz", self._edge(self.healthz), methods=["GET"]),
            ],
            exception_handlers={HTTPException: self._no_route},
        )
        self._app.router.redirect_slashes = False

    @property
    def asgi(self) -> ASGIApp:
        """The application, for whichever server runs it."""
        return self._app

    async def query(self, request: Request) -> Response:
        """`POST /query`: count, list, show, search, group."""
        tenant = await self._tenant(request)
        query = wire.query_of(await read_object(request))
        return self._json(wire.answer_json(query, await self._store.query(tenant, query)))

    async def resolve(self, request: Request) -> Response:
        """`POST /resolve`: what the inventory knows under each of `texts`."""
        tenant = await self._tenant(request)
        texts = wire.texts_of(await read_object(request), "texts")
        mentions = await self._resolver.resolve(tenant, texts)
        return self._json({"mentions": [wire.mention_json(mention) for mention in mentions]})

    async def vocabulary(self, request: Request) -> Response:
        """`GET /vocabulary`: words by field; 304 when the client has this revision already."""
        tenant = await self._tenant(request)
        revision = await self._store.revision(tenant)
        kept_revision, body = self._vocabularies.get(tenant, (-1, b""))
        if kept_revision != revision:
            words = await self._store.vocabulary(tenant)
            revision, body = words.revision, _dumps(wire.vocabulary_json(words))
            self._vocabularies[tenant] = (revision, body)
        headers = {"ETag": f'"{self._home_id}-{revision}"', "Cache-Control": "private, no-cache"}
        known = [tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")]
        if headers["ETag"] in known:
            return self._answer(b"", 304, headers)
        return self._answer(body, 200, headers)

    async def assets(self, request: Request) -> Response:
        """`POST /assets`: whole assets by id, in the order asked; unknown ids are left out."""
        tenant = await self._tenant(request)
        ids = wire.texts_of(await read_object(request), "asset_ids")
        found = await self._store.assets(tenant, ids)
        return self._json({"assets": [wire.asset_json(asset) for asset in found]})

    async def listing(self, request: Request) -> Response:
        """`GET /assets`: a page of assets, filtered by field."""
        tenant = await self._tenant(request)
        query = wire.listing_of(request.query_params.multi_items())
        answer = await self._store.query(tenant, query)
        page = {"limit": query.limit, "offset": query.offset}
        return self._json({"total_count": answer.total_count, **page, "assets": list(answer.assets)})

    async def healthz(self, request: Request) -> Response:
        """`GET /healthz`: whose service this is; the tenant's revision for who shows a token."""
        tenant = await self._tenant(request) if "authorization" in request.headers else None
        revision = None if tenant is None else await self._store.revision(tenant)
        return self._json({"status": "ok", "home_id": self._home_id, "revision": revision})

    async def _tenant(self, request: Request) -> str:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise Refused("identity.required", "The asset service needs a bearer token.")
        found = self._verify(token.strip())
        tenant = await found if inspect.isawaitable(found) else found
        if tenant is None:
            raise Refused("identity.bad_token", "This token is not valid.")
        return tenant

    def _edge(self, handler: _Handler) -> _Handler:
        """The handler with every error turned into a problem document; the only broad `except` of the service."""

        async def answer(request: Request) -> Response:
            try:
                return await handler(request)
            except ClientDisconnect:
                return Response(status_code=400)  # nobody is there to read it
            except OpsConductorError as error:
                return self._mark(problem(error))
            except Exception as error:
                return self._mark(fault(error, f"asset_service {request.url.path}", self._faults))

        return answer

    def _no_route(self, request: Request, error: Exception) -> Response:
        if isinstance(error, HTTPException) and error.status_code == 405:
            wrong: OpsConductorError = BadInput(
                "request.method", f"{request.url.path} does not take {request.method}.", next_step=f"Use {_PATHS}."
            )
        else:
            wrong = NotFound("request.not_found", "There is nothing at this path.", next_step=f"Use {_PATHS}.")
        return self._mark(problem(wrong))

    def _json(self, value: Mapping[str, Json]) -> Response:
        return self._answer(_dumps(value), 200, {})

    def _answer(self, body: bytes, status: int, headers: Mapping[str, str]) -> Response:
        return self._mark(Response(body, status, headers, "application/json"))

    def _mark(self, response: Response) -> Response:
        response.headers[HOME_HEADER] = self._home_id
        return response


def _dumps(value: Mapping[str, Json]) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
