from collections.abc import Callable
from typing import Any

import pytest

from opsconductor.server.caller import cookie_name
from tests.unit.server.conftest import ADDRESS, Door

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def link(door: Door) -> str:
    return (await door.credentials.sign_in_url(await door.identity(), ADDRESS)).removeprefix(ADDRESS)


async def test_the_link_sets_a_strict_cookie_and_leads_to_the_page(door: Door) -> None:
    browser = door.http()
    response = await browser.get(await link(door))
    assert (response.status_code, response.headers["location"]) == (303, "/")
    parts = {part.strip().lower() for part in response.headers["set-cookie"].split(";")}
    assert {"httponly", "samesite=strict", "path=/", "max-age=43200"} <= parts
    assert response.headers["set-cookie"].startswith(cookie_name(door.engine.home_id))
    assert (await browser.get("/")).status_code == 200


async def test_it_works_once(door: Door, problem_of: Callable[[Any], tuple[int, str]]) -> None:
    url = await link(door)
    await door.http().get(url)
    assert problem_of(await door.http().get(url)) == (401, "identity.bad_token")
    assert problem_of(await door.http().get("/sign-in")) == (401, "identity.bad_token")


async def test_a_person_with_a_used_link_sees_how_to_get_another(door: Door) -> None:
    response = await door.http().get("/sign-in?token=used", headers={"Accept": "text/html,*/*"})
    assert (response.status_code, "tokens create --sign-in" in response.text) == (401, True)


async def test_looking_at_the_head_does_not_use_it_up(door: Door) -> None:
    url = await link(door)
    assert (await door.http().head(url)).status_code == 405
    assert (await door.http().get(url)).status_code == 303
