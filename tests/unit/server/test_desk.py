import pytest

from opsconductor.domain.approvals import ApprovalState
from opsconductor.domain.assets import AssetQuery
from opsconductor.domain.errors import OpsConductorError
from opsconductor.domain.identity import Identity
from opsconductor.domain.turn import ApprovalAnswer, Trigger
from opsconductor.server.desk import Desk, demand
from tests.unit.server.conftest import Door

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def desk_of(door: Door, name: str = "requester") -> Desk:
    return Desk(door.engine, await door.identity(name), "api")


async def test_words_become_a_turn_of_this_identity_and_channel(door: Door) -> None:
    turn = (await desk_of(door)).message("how many?", "sess_1", key="k", body_hash="h")
    assert (turn.identity.name, turn.channel, turn.message, turn.session_id) == (
        "requester",
        "api",
        "how many?",
        "sess_1",
    )
    assert (turn.idempotency_key, turn.body_hash, turn.trigger) == ("k", "h", Trigger.MESSAGE)
    assert turn.turn_id.startswith("turn_")
    assert turn.received_at.endswith("Z")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "request.empty"),
        ("\u200b", "request.empty"),
        ("a\x00", "request.bad_text"),
        ("x" * 20_000, "request.too_large"),
    ],
)
async def test_words_that_cannot_be_taken_are_refused_before_a_turn_exists(door: Door, text: str, code: str) -> None:
    with pytest.raises(OpsConductorError) as refused:
        (await desk_of(door)).message(text)
    assert refused.value.code == code


async def test_a_decision_on_an_unknown_approval_is_refused(door: Door) -> None:
    answer = ApprovalAnswer(approval_id="appr_none", plan_hash="x", decision="approve")
    with pytest.raises(OpsConductorError) as refused:
        await (await desk_of(door)).decision(answer)
    assert refused.value.code == "approval.not_found"
    with pytest.raises(OpsConductorError, match="U\\+0000"):
        await (await desk_of(door)).decision(ApprovalAnswer(**{**answer.__dict__, "reason": "a\x00"}))


async def test_unknown_records_are_not_found(door: Door) -> None:
    desk = await desk_of(door)
    codes = []
    for coming in (desk.execution("exec_x"), desk.turn("turn_x"), desk.approval("appr_x")):
        with pytest.raises(OpsConductorError) as refused:
            await coming
        codes.append(refused.value.code)
    with pytest.raises(OpsConductorError) as refused:
        desk.tool("tool_x")
    assert [*codes, refused.value.code] == [
        "execution.not_found", "turn.not_found", "approval.not_found", "tool.not_found"
    ]  # fmt: skip


async def test_what_happened_is_told_with_its_moves_and_journal(door: Door) -> None:
    desk = await desk_of(door)
    reply = await door.engine.take_turn(desk.message("How many assets do we have?"))
    assert reply.execution is not None
    execution = await desk.execution(reply.execution.execution_id)
    assert execution["status"] == "succeeded"
    assert isinstance(execution["moves"], list)
    assert isinstance(execution["journal"], list)
    turn = await desk.turn(reply.turn_id)
    assert turn["message"] == "How many assets do we have?"
    assert [one["turn_id"] for one in await desk.turns(1)] == [reply.turn_id]  # type: ignore[union-attr,index]
    assert await desk.turns(5, "sess_none") == []
    assert len(await desk.executions(0)) == 1  # type: ignore[arg-type]


async def test_approvals_are_kept_apart_by_their_state(door: Door) -> None:
    desk = await desk_of(door)
    assert await desk.approvals(10, ApprovalState.PENDING) == []
    with pytest.raises(OpsConductorError, match="state: must be one of pending"):
        await desk.approvals(10, "open")


async def test_the_inventory_is_asked_through_the_asset_service(door: Door) -> None:
    answer = await (await desk_of(door)).assets(AssetQuery(query_type="count"))
    assert (answer["total_count"], answer["breakdown"]) == (6, {"windows_workstation": 6})


async def test_who_has_no_role_may_nothing(door: Door) -> None:
    nobody = Identity(identity_id="idn_x", tenant="default", name="nobody")
    desk = Desk(door.engine, nobody, "api")
    for attempt in (lambda: desk.message("help"), desk.tools):
        with pytest.raises(OpsConductorError) as refused:
            attempt()
        assert refused.value.code == "rights.denied"


async def test_an_action_that_is_not_allowed_is_refused_with_its_reason(door: Door) -> None:
    demand(door.engine, await door.identity(), "import")
    with pytest.raises(OpsConductorError) as refused:
        demand(door.engine, await door.identity("approver"), "import")
    assert (refused.value.code, "admin" in refused.value.message) == ("rights.denied", True)
