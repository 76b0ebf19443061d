import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.unit.server.conftest import ADDRESS, Door

pytestmark = pytest.mark.asyncio(loop_scope="module")

Told = Callable[[Any], tuple[int, str]]
ME = os.getuid()
PATHS = [
    ("POST", "/local/assets/import"),
    ("POST", "/local/assets/query"),
    ("GET", "/local/tokens"),
    ("POST", "/local/tokens"),
    ("DELETE", "/local/tokens/tok_1"),
    ("POST", "/local/sign-in-link"),
]


@pytest.mark.parametrize(("method", "path"), PATHS)
async def test_over_the_network_they_do_not_exist_not_even_for_administrators(
    door: Door, problem_of: Told, method: str, path: str
) -> None:
    forged = {"peer_uid": str(ME), "X-Peer-Uid": str(ME)}
    assert problem_of(await (await door.as_()).request(method, path, json={}, headers=forged)) == (
        404,
        "request.not_found",
    )


async def test_a_file_of_this_machine_is_imported(door: Door, tmp_path: Path, problem_of: Told) -> None:
    file = tmp_path / "a.csv"
    file.write_bytes(b"Host;x\n")
    http = door.http(uid=ME)
    refused = await http.post("/local/assets/import", json={"kind": "csv", "source": str(file)})
    assert problem_of(refused) == (422, "import.bad_file")
    file.write_bytes(b"name,type\nsw-7,switch\n")
    done = await http.post("/local/assets/import", json={"kind": "csv", "source": str(file), "dry_run": True})
    assert done.json()["added"] == ["sw-7"]
    assert problem_of(await http.post("/local/assets/import", json={"kind": "csv"})) == (422, "request.invalid")


async def test_any_question_to_the_inventory_can_be_asked(door: Door, problem_of: Told) -> None:
    http = door.http(uid=ME)
    grouped = await http.post("/local/assets/query", json={"query_type": "group", "group_by": "platform"})
    assert grouped.json()["breakdown"] == {"windows": 6}
    assert problem_of(await http.post("/local/assets/query", json={"query_type": "drop"})) == (
        422,
        "inventory.bad_query",
    )


async def test_tokens_are_made_listed_and_ended(door: Door, problem_of: Told) -> None:
    http = door.http(uid=ME)
    made = (await http.post("/local/tokens", json={"label": "x", "lifetime_s": 60.0})).json()
    assert (await door.http(Authorization=f"Bearer {made['secret']}").get("/tools")).status_code == 200
    assert made["token_id"] in [one["token_id"] for one in (await http.get("/local/tokens")).json()]
    assert (await http.delete(f"/local/tokens/{made['token_id']}")).json()["revoked"] is True
    assert problem_of(await http.delete(f"/local/tokens/{made['token_id']}")) == (409, "store.conflict")
    assert problem_of(await http.delete("/local/tokens/none")) == (404, "request.not_found")


async def test_a_new_sign_in_link_works(door: Door) -> None:
    url = (await door.http(uid=ME).post("/local/sign-in-link", json={})).json()["url"]
    assert (await door.http().get(url.removeprefix(ADDRESS))).status_code == 303
