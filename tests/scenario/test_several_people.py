"""Levels 2 and 3 through a wired engine: who is needed is told, and each step of level 3 waits for its own word."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from opsconductor.domain.approvals import ApprovalState
from opsconductor.domain.execution import ExecutionStatus
from opsconductor.domain.identity import Role
from opsconductor.domain.turn import TurnReply
from tests.scenario.conftest import Conversation, talking
from tests.scenario.deciding import decide, identity_of, pack_with, stored
from tests.scenario.test_restart_in_the_lab import status

ORDER = "restart billing on app-01"
CRITICAL = {
    "id": "R-critical",
    "effect": "raise_level",
    "level": 3,
    "condition": '"service-restart" in tools',
    "title": "Restarts are critical here",
}


@pytest.fixture
async def critical(home: Path, tmp_path: Path) -> AsyncIterator[Conversation]:
    async with talking(home, lab=True, pack=pack_with(tmp_path, CRITICAL)) as conversation:
        yield conversation


async def pid(conversation: Conversation) -> object:
    return (await status(conversation, "app-01", "billing"))["pid"]


async def test_two_people_then_each_step_then_it_runs(critical: Conversation) -> None:
    await identity_of(critical, "second")
    before = await pid(critical)
    asked = await critical.say(ORDER)
    assert asked.kind == "approval_required"
    assert "level 3" in asked.message
    assert "2 different people have to approve it, of: approver, second." in asked.message
    own = await decide(critical, asked)
    assert (own.kind, (own.error or {})["code"]) == ("refused", "approval.not_yours")
    first = await decide(critical, asked, who="approver")
    assert first.kind == "approval_required"
    assert "approver has approved it (1 of 2). 1 person has to approve it, of: second." in first.message
    twice = await decide(critical, asked, who="approver")
    assert (twice.error or {})["code"] == "approval.already_decided"
    assert await pid(critical) == before
    paused = await decide(critical, asked, who="second")
    assert paused.kind == "approval_required", paused.message
    assert "Step 1 of 1 waits to be confirmed: service-restart on app-01." in paused.message
    assert paused.approval is not None
    assert paused.approval.step_id == "step_1"
    assert paused.execution is not None
    assert paused.execution.status is ExecutionStatus.AWAITING_APPROVAL
    assert await pid(critical) == before
    done = await decide(critical, paused)
    assert done.kind == "answer", done.message
    assert await pid(critical) != before
    assert done.execution is not None
    assert [one.who_name for one in done.execution.approvals] == ["approver", "second", "requester"]
    group = {(await stored(critical, reply)).turn_id for reply in (asked, paused)}
    records = [await critical.engine.storage.turn_record("default", turn) for turn in group]
    assert len({record.turn_group for record in records if record is not None}) == 1


async def test_a_step_that_is_rejected_ends_the_run_and_is_told(critical: Conversation) -> None:
    await identity_of(critical, "second")
    before = await pid(critical)
    asked = await critical.say(ORDER)
    await decide(critical, asked, who="approver")
    paused = await decide(critical, asked, who="second")
    ended = await decide(critical, paused, "reject", who="approver", reason="not today")
    assert ended.kind == "cancelled"
    assert "nothing was run" in ended.message.lower()
    assert await pid(critical) == before
    again = await decide(critical, paused)
    assert (again.error or {})["code"] == "approval.not_pending"


async def test_breaking_the_glass_skips_the_second_person_but_not_the_step(critical: Conversation) -> None:
    nobody = await critical.say(ORDER)  # an administrator is not enough
    assert (nobody.kind, (nobody.error or {})["code"]) == ("refused", "gate.second_person")
    unit = critical.engine.storage.begin()
    requester = await identity_of(critical, "requester")
    unit.change_identity(replace(requester, roles=requester.roles | {Role.BREAK_GLASS}))
    await unit.commit()
    asked = await critical.say(ORDER)
    assert "In an emergency requester may approve without a second person" in asked.message
    refused = await decide(critical, asked, who="approver", break_glass=True, reason="it burns")
    assert (refused.error or {})["code"] == "approval.not_yours"
    paused = await decide(critical, asked, break_glass=True, reason="it burns")
    assert paused.kind == "approval_required"
    assert "requester approved this without a second person." in paused.message
    assert f"opsconductor approvals review {(await stored(critical, asked)).approval_id}" in paused.message
    done = await decide(critical, paused)
    assert done.kind == "answer", done.message
    due = await critical.engine.storage.reviews_due("default")
    assert [one.approval_id for one in due] == [(await stored(critical, asked)).approval_id]


async def test_where_nobody_could_ever_approve_it_is_refused_and_says_who_is_missing(critical: Conversation) -> None:
    storage = critical.engine.storage
    approver, requester = await identity_of(critical, "approver"), await identity_of(critical, "requester")
    unit = storage.begin()
    unit.change_identity(replace(approver, disabled=True))
    unit.change_identity(replace(requester, roles=frozenset({Role.REQUESTER})))
    await unit.commit()
    refused = await critical.say(ORDER)
    assert (refused.kind, (refused.error or {})["code"]) == ("refused", "gate.second_person")
    assert "2 different people with the role approver" in refused.message
    assert "opsconductor identities create NAME --role approver" in refused.message
    assert await storage.executions("default") == ()


async def test_the_same_order_at_the_same_moment_is_one_execution(home: Path) -> None:
    """The second one is planned before the first is stored, and refused by the store as it is stored itself."""
    told: list[TurnReply] = []
    async with talking(home, lab=True) as lab:
        asking = lab.engine.phases.generate
        real = asking.run

        async def meanwhile(*arguments: object, **more: object) -> object:
            asking.run = real  # type: ignore[method-assign]
            told.append(await lab.say(ORDER, session="sess_other"))
            return await real(*arguments, **more)  # type: ignore[arg-type]

        asking.run = meanwhile  # type: ignore[method-assign, assignment]
        second = await lab.say(ORDER)
        (first,) = told
        assert (first.kind, second.kind) == ("approval_required", "approval_required")
        assert first.approval is not None
        assert second.approval == first.approval
        assert first.approval.execution_id in second.message
        assert len(await lab.engine.storage.executions("default")) == 1
        record = await lab.engine.storage.turn_record("default", second.turn_id)
        assert record is not None
        assert (await decide(lab, second)).kind == "answer"
        assert (await stored(lab, first)).state is ApprovalState.CONSUMED
