from collections.abc import Callable
from typing import Any

import pytest

from tests.unit.server.conftest import Door

pytestmark = pytest.mark.asyncio(loop_scope="module")

Told = Callable[[Any], tuple[int, str]]


async def test_what_happened_is_listed_newest_first_and_shown_by_id(door: Door) -> None:
    http = await door.as_()
    replies = [(await http.post("/pipeline", json={"request": "How many assets do we have?"})).json() for _ in range(2)]
    turns = (await http.get("/turns?limit=2")).json()
    assert [one["turn_id"] for one in turns] == [reply["turn_id"] for reply in reversed(replies)]
    assert (await http.get(f"/turns/{turns[0]['turn_id']}")).json() == turns[0]
    executions = (await http.get("/executions")).json()
    one = (await http.get(f"/executions/{executions[0]['execution_id']}")).json()
    assert {name: one[name] for name in executions[0]} == executions[0]
    assert [move["target"] for move in one["moves"]][-1] == "succeeded"
    assert (await http.get("/approvals")).json() == []


async def test_a_plans_calls_and_a_whole_output_are_told(door: Door, problem_of: Told) -> None:
    http = await door.as_()
    reply = (await http.post("/pipeline", json={"request": "How many assets do we have?"})).json()
    execution = reply["execution"]["execution_id"]
    (command,) = (await http.get(f"/executions/{execution}/commands")).json()
    assert (command["purpose"], command["tool"], command["request"]["method"]) == ("run", "asset-service-query", "POST")
    unit = door.engine.storage.begin()
    unit.keep_output("default", execution, f"{execution}.step_1.1", b'{"lines":["all"]}')
    await unit.commit()
    assert (await http.get(f"/executions/{execution}/outputs/{execution}.step_1.1")).json() == {"lines": ["all"]}
    for path in (f"{execution}/outputs/{execution}.step_1.2", f"exec_other/outputs/{execution}.step_1.1"):
        assert problem_of(await http.get(f"/executions/{path}")) == (404, "execution.output_not_found")
    assert problem_of(await http.get("/executions/none/commands")) == (404, "execution.not_found")


async def test_a_dry_run_tells_and_runs_nothing(door: Door) -> None:
    http = await door.as_()
    before = len((await http.get("/executions")).json())
    reply = (await http.post("/pipeline", json={"request": "How many assets do we have?", "dry_run": True})).json()
    assert (reply["kind"], reply["execution"]) == ("answer", None)
    assert reply["message"] == "Nothing was run. This is what would be sent, at once."
    assert [one["tool"] for one in reply["commands"]] == ["asset-service-query"]
    assert len((await http.get("/executions")).json()) == before


async def test_a_turn_is_derived_again_from_its_record(door: Door, problem_of: Told) -> None:
    http = await door.as_()
    reply = (await http.post("/pipeline", json={"request": "How many assets do we have?"})).json()
    found = (await http.get(f"/turns/{reply['turn_id']}/replay")).json()
    assert (found["turn_id"], found["outcome"], found["differences"]) == (reply["turn_id"], "same", [])
    assert problem_of(await http.get("/turns/turn_x/replay")) == (404, "turn.not_found")


async def test_one_conversation_can_be_listed_alone(door: Door) -> None:
    http = await door.as_()
    reply = (await http.post("/pipeline", json={"request": "help"})).json()
    turns = (await http.get("/turns", params={"session_id": reply["session_id"]})).json()
    assert [one["turn_id"] for one in turns] == [reply["turn_id"]]


@pytest.mark.parametrize("path", ["/executions/", "/turns/", "/approvals/"])
@pytest.mark.parametrize("name", ["none", "%00", "%F0%9F%90%8D", "a" * 3000, "'; drop table turns; --", "..%2f..%2fx"])
async def test_what_there_is_not_is_not_found(door: Door, problem_of: Told, path: str, name: str) -> None:
    status, code = problem_of(await (await door.as_()).get(path + name))
    assert (status, code.endswith("not_found")) == (404, True)


async def test_a_state_that_is_none_is_refused(door: Door, problem_of: Told) -> None:
    assert problem_of(await (await door.as_()).get("/approvals?state=open")) == (422, "request.invalid")


async def test_records_need_an_identity(door: Door, problem_of: Told) -> None:
    for path in (
        "/executions",
        "/turns",
        "/approvals",
        "/turns/x",
        "/turns/x/replay",
        "/executions/x",
        "/approvals/x",
        "/executions/x/commands",
        "/executions/x/outputs/y",
    ):
        assert problem_of(await door.http().get(path)) == (401, "identity.required")


async def test_reviews_are_listed_and_given_by_people_who_may(door: Door, problem_of: Told) -> None:
    http = await door.as_()
    assert (await http.get("/reviews")).json() == []
    review = {"reason": "looked at it"}
    assert problem_of(await http.post("/approvals/appr_x/review", json=review)) == (404, "approval.not_found")
    for body in ({}, {"reason": "x", "agrees": "yes"}, {"reason": "x", "more": 1}):
        assert problem_of(await http.post("/approvals/appr_x/review", json=body)) == (422, "request.invalid")
    assert problem_of(await door.http().post("/approvals/appr_x/review", json=review)) == (401, "identity.required")
