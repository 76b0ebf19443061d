"""The small page: files that ship in the package and fetch nothing from elsewhere."""

from importlib.resources import files

from fastapi import APIRouter, Request
from starlette.responses import Response

from opsconductor.domain.errors import NotFound, OpsConductorError
from opsconductor.server.caller import caller

MEDIA_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}
PUBLIC = frozenset(
    {"style.css", "icon.svg", "app.js", "api.js", "ask.js", "dom.js", "reference.js", "timeline.js", "turns.js"}
)
"""What `/page/NAME` serves. None of it holds data, so none of it needs an identity."""


async def front(request: Request) -> Response:
    """The page for who is signed in; for everybody else how to sign in."""
    try:
        await caller(request)
    except OpsConductorError as error:
        if error.spec.status not in (401, 403):
            raise
        return page_file("sign_in.html", 401)
    return page_file("index.html", 200)


async def part(name: str) -> Response:
    """A script, a style or a picture of the page."""
    if name not in PUBLIC:
        raise NotFound("request.not_found", "There is nothing at this path.")
    return page_file(name, 200)


def page_file(name: str, status: int) -> Response:
    """A file of the page as a response."""
    content = files("opsconductor.server").joinpath("page", name).read_bytes()
    media_type = MEDIA_TYPES["." + name.rpartition(".")[2]]
    return Response(content, status, {"Content-Type": media_type, "Cache-Control": "no-cache"})


def create_routes() -> APIRouter:
    """The paths of this subject."""
    routes = APIRouter(include_in_schema=False)
    routes.add_api_route("/", front, methods=["GET"])
    routes.add_api_route("/page/{name}", part, methods=["GET"])
    return routes
