import asyncio
import json
from collections.abc import Callable
from typing import Any

import httpx2
import pytest
import pytest_asyncio

from tests.unit.server.conftest import Door

pytestmark = pytest.mark.asyncio(loop_scope="module")

Told = Callable[[Any], tuple[int, str]]
COUNT = {"request": "How many assets do we have?"}


def events(text: str) -> list[tuple[str, Any]]:
    blocks = [dict(line.split(": ", 1) for line in block.split("\n")) for block in text.strip().split("\n\n")]
    return [(block["event"], json.loads(block["data"])) for block in blocks]


async def test_a_question_is_answered_with_the_executed_truth(door: Door) -> None:
    response = await (await door.as_()).post("/pipeline", json=COUNT)
    reply = response.json()
    assert (response.status_code, reply["kind"]) == (200, "answer")
    assert reply["requires_approval"] is False
    assert reply["execution_result"] == reply["execution"]
    assert reply["execution"]["output"]["total_count"] == 6


async def test_a_session_goes_on(door: Door) -> None:
    http = await door.as_()
    first = (await http.post("/pipeline", json=COUNT)).json()
    second = (await http.post("/pipeline", json={"request": "help", "session_id": first["session_id"]})).json()
    assert second["session_id"] == first["session_id"]
    assert second["turn_id"] != first["turn_id"]


async def test_a_session_of_somebody_else_is_not_found(door: Door, problem_of: Told) -> None:
    theirs = (await (await door.as_("approver")).post("/pipeline", json=COUNT)).json()["session_id"]
    response = await (await door.as_()).post("/pipeline", json={**COUNT, "session_id": theirs})
    assert problem_of(response) == (404, "session.not_found")


@pytest.mark.parametrize(
    ("content", "kind", "told"),
    [
        (b'{"request": "a"}', "text/plain", (415, "request.media_type")),
        (b"request=a", "application/x-www-form-urlencoded", (415, "request.media_type")),
        (b'{"request": "a", "request": "b"}', "application/json", (400, "request.bad_json")),
        (b'{"request": NaN}', "application/json", (400, "request.bad_json")),
        (b'{"request": ', "application/json", (400, "request.bad_json")),
        (b'{"request": "\xff"}', "application/json", (400, "request.bad_json")),
        (b"[" * 20_000, "application/json", (400, "request.bad_json")),
        (b"[]", "application/json", (422, "request.invalid")),
        (b"{}", "application/json", (422, "request.invalid")),
        (b'{"request": "a", "x": 1}', "application/json", (422, "request.invalid")),
        (b'{"request": ""}', "application/json", (422, "request.empty")),
        (b'{"request": "\\u200b\\u202e"}', "application/json", (422, "request.empty")),
        (b'{"request": "a\\u0000"}', "application/json", (422, "request.bad_text")),
        (b'{"request": "\\ud800"}', "application/json", (422, "request.bad_text")),
        (b'{"request": "' + b"x" * 17_000 + b'"}', "application/json", (413, "request.too_large")),
        (b'{"request": "' + b"x" * 70_000 + b'"}', "application/json", (413, "request.too_large")),
    ],
)
async def test_bad_input_is_one_clear_problem(
    door: Door, problem_of: Told, content: bytes, kind: str, told: tuple[int, str]
) -> None:
    http = await door.as_()
    assert problem_of(await http.post("/pipeline", content=content, headers={"Content-Type": kind})) == told


async def test_a_body_that_grows_too_large_without_saying_so_is_cut(door: Door, problem_of: Told) -> None:
    async def parts() -> Any:
        for _ in range(100):
            yield b"x" * 1000

    headers = {"Content-Type": "application/json"}
    response = await (await door.as_()).post("/pipeline", content=parts(), headers=headers)
    assert problem_of(response) == (413, "request.too_large")


async def test_the_same_key_and_body_give_the_same_bytes_and_run_once(door: Door) -> None:
    http = await door.as_()
    headers = {"Idempotency-Key": "same-1"}
    together = await asyncio.gather(*(http.post("/pipeline", json=COUNT, headers=headers) for _ in range(3)))
    later = await http.post(
        "/pipeline",
        content=json.dumps(COUNT, indent=3).encode(),
        headers={**headers, "Content-Type": "application/json"},
    )
    assert {response.content for response in [*together, later]} == {together[0].content}
    turns = await door.engine.storage.turns("default", session_id=later.json()["session_id"])
    assert len(turns) == 1


async def test_the_same_key_with_another_body_or_path_is_refused(door: Door, problem_of: Told) -> None:
    http = await door.as_()
    headers = {"Idempotency-Key": "other-1"}
    await http.post("/pipeline", json=COUNT, headers=headers)
    again = await http.post("/pipeline", json={"request": "help"}, headers=headers)
    assert problem_of(again) == (409, "request.idempotency_reused")


async def test_two_people_with_the_same_key_are_two_requests(door: Door) -> None:
    headers = {"Idempotency-Key": "shared"}
    replies = [
        (await (await door.as_(name)).post("/pipeline", json=COUNT, headers=headers))
        for name in ("requester", "approver")
    ]
    assert replies[0].json()["turn_id"] != replies[1].json()["turn_id"]


async def test_a_key_that_cannot_be_one_is_refused(door: Door, problem_of: Told) -> None:
    response = await (await door.as_()).post("/pipeline", json=COUNT, headers={"Idempotency-Key": "x" * 201})
    assert problem_of(response) == (422, "request.invalid")


async def test_phases_are_streamed_and_the_reply_comes_last(door: Door) -> None:
    http = await door.as_()
    response = await http.post("/pipeline", json=COUNT, headers={"Accept": "text/event-stream"})
    assert response.headers["content-type"].startswith("text/event-stream")
    told = events(response.text)
    assert told[0] == ("phase", {"phase": "p01_identify", "event": "start", "ms": told[0][1]["ms"]})
    assert [value["phase"] for name, value in told if name == "phase" and value["event"] == "end"][-1] == "p11_persist"
    assert len([name for name, _ in told if name == "phase"]) == 22
    assert (told[-1][0], told[-1][1]["kind"]) == ("reply", "answer")


async def test_what_is_refused_before_acceptance_is_a_problem_in_a_stream_too(door: Door, problem_of: Told) -> None:
    http = await door.as_()
    headers = {"Accept": "text/event-stream"}
    assert problem_of(await http.post("/pipeline", json={"request": ""}, headers=headers)) == (422, "request.empty")
    theirs = (await (await door.as_("approver")).post("/pipeline", json=COUNT)).json()["session_id"]
    refused = await http.post("/pipeline", json={**COUNT, "session_id": theirs}, headers=headers)
    assert problem_of(refused) == (404, "session.not_found")


async def test_a_decision_on_an_unknown_approval_is_a_problem(door: Door, problem_of: Told) -> None:
    body = {"approval_id": "appr_x", "plan_hash": "x", "decision": "approve"}
    assert problem_of(await (await door.as_()).post("/pipeline/execute", json=body)) == (404, "approval.not_found")


@pytest_asyncio.fixture(loop_scope="module")
async def asked(door: Door) -> httpx2.Response:
    """A restart that waits for approval; the host is in the inventory, and no connection is needed to be asked."""
    from opsconductor.domain.assets import Asset, AssetService

    host = Asset(
        asset_id="asset_x1", tenant="default", name="lin-01", type="linux_server", source="csv", source_id="x1",
        platform="linux", environment="staging", services=(AssetService(name="billing", port=1),),
        connection={"connector": "ssh", "port": 1, "username": "ops"}, ip="127.0.0.1",
    )  # fmt: skip
    await door.engine.asset_store.put_assets(
        "default", "csv", [host], retire_missing=False, dry_run=False, actor="test"
    )
    return await (await door.as_()).post("/pipeline", json={"request": "restart billing on lin-01"})


async def test_an_order_asks_for_approval_and_a_rejection_runs_nothing(door: Door, asked: httpx2.Response) -> None:
    reply = asked.json()
    assert (reply["kind"], reply["requires_approval"], reply["execution"]) == ("approval_required", True, None)
    body = {"approval_id": reply["approval"]["approval_id"], "plan_hash": reply["approval"]["plan_hash"]}
    http = await door.as_()
    rejected = (await http.post("/pipeline/execute", json={**body, "decision": "reject", "reason": "no"})).json()
    assert rejected["kind"] == "cancelled"
    assert rejected["session_id"] == reply["session_id"]
    assert set(rejected) == set(reply)
    again = (await http.post("/pipeline/execute", json={**body, "decision": "approve"})).json()
    assert (again["kind"], again["error"]["code"]) == ("refused", "approval.not_pending")


async def test_another_plan_than_the_one_shown_is_not_run(door: Door, asked: httpx2.Response) -> None:
    approval = asked.json()["approval"]
    body = {"approval_id": approval["approval_id"], "plan_hash": "sha256:" + "0" * 64, "decision": "approve"}
    reply = (await (await door.as_()).post("/pipeline/execute", json=body)).json()
    assert (reply["kind"], reply["error"]["code"]) == ("refused", "approval.hash_mismatch")
