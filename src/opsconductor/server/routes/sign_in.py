"""The one-time sign-in link: a token in exchange for a cookie."""

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from opsconductor.domain.errors import Refused
from opsconductor.server.caller import cookie_name
from opsconductor.server.credentials import COOKIE_LIFETIME_S, Credentials
from opsconductor.server.routes.page import page_file


async def sign_in(request: Request, token: str = "") -> Response:
    """Use the link up, set the cookie, and go to the page; a used or expired link is told, to people on a page."""
    credentials: Credentials = request.app.state.credentials
    try:
        secret = await credentials.sign_in(token)
    except Refused:
        if "text/html" in request.headers.get("accept", ""):
            return page_file("sign_in.html", 401)
        raise
    response = RedirectResponse("/", status_code=303)
    response.set_cookie(
        cookie_name(request.app.state.engine.home_id),
        secret,
        max_age=int(COOKIE_LIFETIME_S),
        httponly=True,
        samesite="strict",
        path="/",
        secure=request.url.scheme == "https",
    )
    return response


def create_routes() -> APIRouter:
    """The paths of this subject."""
    routes = APIRouter(include_in_schema=False)
    routes.add_api_route("/sign-in", sign_in, methods=["GET"])
    return routes
