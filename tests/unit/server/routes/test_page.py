import re
from collections.abc import Callable
from importlib.resources import files
from typing import Any

import pytest

from opsconductor.server.routes.page import PUBLIC
from tests.unit.server.conftest import Door

pytestmark = pytest.mark.asyncio(loop_scope="module")


def page(name: str) -> str:
    return files("opsconductor.server").joinpath("page", name).read_text("utf-8")


async def test_the_page_is_for_who_is_signed_in_and_the_others_see_how(door: Door) -> None:
    shown = await door.http().get("/")
    assert (shown.status_code, "Open the sign-in link" in shown.text) == (401, True)
    assert (await door.http(Authorization="Bearer x").get("/")).status_code == 401
    page = await (await door.as_()).get("/")
    assert (page.status_code, "API reference" in page.text) == (200, True)


async def test_its_parts_are_served_with_their_types(door: Door) -> None:
    http = door.http()
    kinds = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
    for name in PUBLIC:
        response = await http.get(f"/page/{name}")
        assert (response.status_code, response.headers["cache-control"]) == (200, "no-cache")
        assert response.headers["content-type"].startswith(kinds[name.rpartition(".")[2]])


@pytest.mark.parametrize("name", ["index.html", "..%2f..%2fapp.py", "nope.js", "%2e%2e/app.py"])
async def test_nothing_else_is(door: Door, problem_of: Callable[[Any], tuple[int, str]], name: str) -> None:
    assert problem_of(await door.http().get(f"/page/{name}")) == (404, "request.not_found")


async def test_every_file_is_served_and_everything_a_file_names_exists() -> None:
    names = {part.name for part in files("opsconductor.server").joinpath("page").iterdir()}
    assert names == PUBLIC | {"index.html", "sign_in.html"}
    for name in names:
        for linked in re.findall(r"(?:/page/|from \"\./)([a-z_.]+)", page(name)):
            assert linked in PUBLIC, (name, linked)


async def test_it_fetches_nothing_from_elsewhere_and_runs_nothing_inline() -> None:
    for name in PUBLIC | {"index.html", "sign_in.html"}:
        text = page(name).replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"https?:|//[a-z]+\.|@import|url\(", text), name
        assert not re.search(r"<script(?![^>]*src=)|\son[a-z]+=|style=|javascript:", text), name


async def test_no_text_is_ever_read_as_html() -> None:
    for name in PUBLIC:
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function", page(name))
