from typing import Any

import pytest

from opsconductor.domain.errors import BadInput
from opsconductor.domain.response import ReplyKind
from opsconductor.domain.turn import TurnReply
from opsconductor.server.schemas import ExecuteRequest, PipelineRequest, parse, reply_json

DECISION = {"approval_id": "appr_1", "plan_hash": "sha256:x", "decision": "approve"}


def test_a_request_is_read() -> None:
    assert parse(PipelineRequest, {"request": "hello"}).session_id is None
    assert parse(ExecuteRequest, {**DECISION, "reason": "ok"}).reason == "ok"


@pytest.mark.parametrize(
    ("model", "body", "field"),
    [
        (PipelineRequest, {}, "request"),
        (PipelineRequest, {"request": 1}, "request"),
        (PipelineRequest, {"request": None}, "request"),
        (PipelineRequest, {"request": "a", "more": 1}, "more"),
        (PipelineRequest, {"request": "a", "session_id": "x" * 101}, "session_id"),
        (ExecuteRequest, {**DECISION, "decision": "yes"}, "decision"),
        (ExecuteRequest, {**DECISION, "reason": "x" * 1001}, "reason"),
        (ExecuteRequest, {**DECISION, "plan_hash": True}, "plan_hash"),
    ],
)
def test_what_does_not_fit_is_named(model: Any, body: Any, field: str) -> None:
    with pytest.raises(BadInput, match=field) as refused:
        parse(model, body)
    assert (refused.value.code, refused.value.facts) == ("request.invalid", {"field": field})


@pytest.mark.parametrize(("kind", "required"), [(ReplyKind.APPROVAL_REQUIRED, True), (ReplyKind.ANSWER, False)])
def test_http_clients_find_their_two_names(kind: ReplyKind, required: bool) -> None:
    document = reply_json(TurnReply(turn_id="t", session_id="s", kind=kind, message="m"))
    assert document["requires_approval"] is required
    assert document["execution_result"] is document["execution"] is None
