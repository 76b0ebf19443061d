from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from opsconductor.domain.execution import ExecutionStatus, StepStatus
from opsconductor.testing.contracts.storage import samples
from tests.unit.server.conftest import Door

pytestmark = pytest.mark.asyncio(loop_scope="module")

Told = Callable[[Any], tuple[int, str]]


async def waiting(door: Door) -> str:
    """An execution of the requester that waits for approval."""
    requester = await door.identity()
    execution = replace(
        samples.execution(status=ExecutionStatus.AWAITING_APPROVAL),
        execution_id=door.engine.ids.new("exec"),
        requester=requester.identity_id,
    )
    unit = door.engine.storage.begin()
    unit.add_execution(execution)
    await unit.commit()
    return execution.execution_id


async def unknown(door: Door) -> str:
    """An execution of which one step's outcome is unknown."""
    execution_id = await waiting(door)
    result = replace(samples.result(execution_id), step_results=(samples.step_result(StepStatus.UNKNOWN),))
    unit = door.engine.storage.begin()
    unit.move_execution(replace(samples.move("awaiting_approval", "running"), execution_id=execution_id))
    unit.claim_execution(execution_id, "1-1-gone", 15, 0)
    unit.record_intent(replace(samples.intent(), execution_id=execution_id))
    unit.record_result(execution_id, samples.step_result(StepStatus.UNKNOWN), 1)
    unit.save_result(execution_id, replace(result, status=ExecutionStatus.UNKNOWN))
    unit.move_execution(replace(samples.move("running", "unknown"), execution_id=execution_id))
    await unit.commit()
    return execution_id


async def test_an_execution_is_cancelled_and_the_same_key_changes_nothing_twice(door: Door, problem_of: Told) -> None:
    http, execution_id = await door.as_(), await waiting(door)
    path, key = f"/executions/{execution_id}/cancel", {"Idempotency-Key": "once"}
    for _ in range(2):
        ended = await http.post(path, json={"reason": "not needed"}, headers=key)
        assert (ended.status_code, ended.json()["status"]) == (200, "cancelled")
    assert problem_of(await http.post(path, json={"reason": "other"}, headers=key)) == (
        409,
        "request.idempotency_reused",
    )
    assert problem_of(await http.post(path, json={})) == (409, "execution.not_cancellable")
    (move,) = (await http.get(f"/executions/{execution_id}")).json()["moves"]
    assert move["reason"] == "not needed"


async def test_an_unknown_outcome_is_settled_by_an_approver_with_a_reason(door: Door, problem_of: Told) -> None:
    execution_id = await unknown(door)
    http, path = await door.as_("approver"), f"/executions/{execution_id}/resolve"
    assert problem_of(await http.post(path, json={"as": "done"})) == (422, "request.invalid")
    unexplained = await http.post(path, json={"as": "done", "reason": ""})
    assert problem_of(unexplained) == (422, "approval.reason_needed")
    assert unexplained.json()["next_step"] == "Give a reason."
    assert problem_of(await http.post(path, json={"as": "perhaps", "reason": "x"})) == (422, "request.invalid")
    settled = (await http.post(path, json={"as": "done", "reason": "it runs", "step": "step_1"})).json()
    assert settled["status"] == "succeeded"
    assert settled["result"]["step_results"][0]["note"].endswith("it runs")
    assert problem_of(await http.post(path, json={"as": "done", "reason": "it runs"})) == (
        409,
        "execution.not_unknown",
    )


@pytest.mark.parametrize(("order", "body"), [("cancel", {}), ("resolve", {"as": "done", "reason": "x"})])
async def test_it_takes_an_identity_and_an_execution_that_exists(
    door: Door, problem_of: Told, order: str, body: dict[str, str]
) -> None:
    path = f"/executions/none/{order}"
    assert problem_of(await door.http().post(path, json=body)) == (401, "identity.required")
    assert problem_of(await (await door.as_("approver")).post(path, json=body)) == (404, "execution.not_found")


async def test_an_undo_is_a_turn_whose_outcome_is_told(door: Door, problem_of: Told) -> None:
    http, execution_id = await door.as_(), await waiting(door)
    path, key = f"/executions/{execution_id}/undo", {"Idempotency-Key": "undo-once"}
    told = [(await http.post(path, json={"reason": "a mistake"}, headers=key)).json() for _ in range(2)]
    assert told[0]["turn_id"] == told[1]["turn_id"]
    assert (told[0]["kind"], told[0]["error"]["code"]) == ("refused", "execution.not_undoable")
    assert problem_of(await http.post("/executions/exec_none/undo", json={})) == (404, "execution.not_found")
    assert problem_of(await http.post(path, json={"plan": []})) == (422, "request.invalid")
    assert problem_of(await door.http().post(path, json={})) == (401, "identity.required")
