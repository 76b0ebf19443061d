"""An order to undo: a plan of its own from what was declared and read, judged, approved and told like any other."""

from pathlib import Path

import pytest

from opsconductor.domain.execution import ExecutionStatus
from opsconductor.domain.turn import Trigger, TurnInput, TurnReply
from tests.scenario.conftest import Conversation, talking
from tests.scenario.deciding import decide, identity_of


async def deployed(lab: Conversation, version: str = "2.3") -> TurnReply:
    """A release on both hosts of staging, approved by the second person."""
    asked = await lab.say(f"deploy billing {version} to staging")
    done = await decide(lab, asked, who="approver")
    assert done.kind == "answer", done.message
    return done


async def undo(conversation: Conversation, execution_id: str) -> TurnReply:
    """The order by id."""
    turn = TurnInput(
        turn_id=conversation.engine.ids.new("turn"),
        identity=await identity_of(conversation, conversation.name),
        trigger=Trigger.UNDO,
        undoes=execution_id,
        message=f"undo {execution_id}",
        session_id=conversation.session,
    )
    return await conversation.engine.take_turn(turn)


async def versions(lab: Conversation) -> list[str]:
    """What the two hosts of staging say they run."""
    reply = await lab.say("which version of billing is running in staging?", session="sess_look")
    assert reply.execution is not None
    return [str(result.output["version"]) for result in reply.execution.step_results]  # type: ignore[index, call-overload]


async def test_the_last_change_is_taken_back_newest_first_once_it_is_approved(lab: Conversation) -> None:
    before = await versions(lab)
    done = await deployed(lab)
    assert await versions(lab) == ["2.3", "2.3"]
    assert done.execution is not None
    asked = await lab.say("undo that")
    assert asked.kind == "approval_required", asked.message
    assert asked.plan is not None
    assert asked.approval is not None
    assert [step.targets[0].name for step in asked.plan.steps] == ["app-02", "app-01"]
    assert [step.inputs["version"] for step in asked.plan.steps] == before
    assert asked.approval.level == 2
    assert asked.approval.plan_hash not in ("", done.execution.plan_hash)
    assert (
        f"takes back service-deploy on app-02, then service-deploy on app-01 of {done.execution.execution_id}"
        in asked.message
    )
    assert await versions(lab) == ["2.3", "2.3"]
    undone = await decide(lab, asked, who="approver")
    assert undone.kind == "answer", undone.message
    assert f"app-01: billing {before[0]} was deployed in place of 2.3" in undone.message
    assert await versions(lab) == before


async def test_an_execution_is_undone_by_its_id_and_not_twice(lab: Conversation) -> None:
    before = await versions(lab)
    done = await deployed(lab)
    assert done.execution is not None
    undone = await decide(lab, await undo(lab, done.execution.execution_id), who="approver")
    assert (undone.kind, await versions(lab)) == ("answer", before)
    again = await undo(lab, done.execution.execution_id)
    assert again.kind == "refused"
    assert again.error is not None
    assert again.error["code"] == "execution.changed_since"
    assert "app-02 has changed since service-deploy on app-02" in again.message
    assert "Nothing was run." in again.message


async def test_a_target_that_changed_since_the_plan_was_made_is_left_alone(lab: Conversation) -> None:
    done = await deployed(lab)
    assert done.execution is not None
    asked = await undo(lab, done.execution.execution_id)
    restarted = await decide(lab, await lab.say("restart billing on app-02", session="sess_other"))
    assert restarted.kind == "answer", restarted.message
    tried = await decide(lab, asked, who="approver")
    assert tried.execution is not None
    assert tried.execution.status is ExecutionStatus.FAILED
    assert "app-02 has changed since this plan was made" in tried.message
    assert await versions(lab) == ["2.3", "2.3"]


async def test_what_declares_no_undo_is_refused_with_the_reason(lab: Conversation) -> None:
    done = await decide(lab, await lab.say("restart billing on app-01"))
    assert done.kind == "answer"
    refused = await lab.say("undo the last change")
    assert refused.kind == "refused"
    assert refused.message == "service-restart declares no undo. Nothing was run."


@pytest.mark.parametrize("words", ["undo that", "Revert the last change, please.", "roll it back"])
async def test_without_a_change_there_is_nothing_to_undo(plain: Conversation, words: str) -> None:
    await plain.say("How many assets do we have?")
    refused = await plain.say(words)
    assert refused.kind == "refused"
    assert refused.message.startswith("Nothing was changed in this conversation")


async def test_a_plan_that_waits_has_changed_nothing_yet(lab: Conversation) -> None:
    asked = await lab.say("restart billing on app-01")
    assert asked.approval is not None
    refused = await lab.say("undo it")
    assert refused.kind == "refused"
    assert f"{asked.approval.execution_id} is awaiting_approval" in refused.message


async def test_another_conversation_is_not_undone(home: Path) -> None:
    async with talking(home, lab=True) as lab:
        assert (await decide(lab, await lab.say("restart billing on app-01"))).kind == "answer"
        refused = await lab.say("undo that", session="sess_new")
    assert refused.message.startswith("Nothing was changed in this conversation")
