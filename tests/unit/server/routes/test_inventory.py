from collections.abc import Callable
from typing import Any

import pytest

from tests.unit.server.conftest import Door

pytestmark = pytest.mark.asyncio(loop_scope="module")

Told = Callable[[Any], tuple[int, str]]


async def test_assets_are_listed_and_counted_by_filter(door: Door) -> None:
    http = await door.as_()
    every = (await http.get("/assets?limit=2")).json()
    assert (every["total_count"], len(every["assets"]), every["breakdown"]) == (6, 2, {"windows_workstation": 6})
    one = (await http.get("/assets", params={"name": "WS-03"})).json()
    assert [asset["name"] for asset in one["assets"]] == ["WS-03"]
    assert (await http.get("/assets?name=' OR 1=1 --")).json()["total_count"] == 0


@pytest.mark.parametrize("query", ["limit=0", "limit=x", "offset=-1", "colour=red", "limit=1&limit=2"])
async def test_a_question_that_cannot_be_asked_is_refused(door: Door, problem_of: Told, query: str) -> None:
    status, code = problem_of(await (await door.as_()).get(f"/assets?{query}"))
    assert (status, code in {"request.invalid", "inventory.bad_query"}) == (422, True)


async def test_tools_are_listed_by_name_and_shown(door: Door, problem_of: Told) -> None:
    http = await door.as_()
    tools = (await http.get("/tools")).json()
    names = [one["name"] for one in tools]
    assert names == sorted(names)
    assert "service-restart" in names
    assert (await http.get("/tools/service-restart")).json() == tools[names.index("service-restart")]
    assert problem_of(await http.get("/tools/rm")) == (404, "tool.not_found")


async def test_they_need_an_identity(door: Door, problem_of: Told) -> None:
    for path in ("/assets", "/tools", "/tools/x"):
        assert problem_of(await door.http().get(path)) == (401, "identity.required")
