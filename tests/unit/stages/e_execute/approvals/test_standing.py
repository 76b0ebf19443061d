"""An approval that is over is told as that, with the one that took its place, whatever became of its plan."""

from dataclasses import replace
from pathlib import Path

from opsconductor.domain.approvals import Approval
from opsconductor.stages.e_execute.approvals.standing import check_standing
from tests.unit.waiting import APPROVER, Asked, asked


async def replaced(ask: Asked) -> Approval:
    """The plan is frozen anew with another approval, and the first is withdrawn."""
    plan = replace(ask.execution.plan, plan_id="plan_edited", plan_digest="sha256:edited")
    newer = ask.stage.approvals.question(replace(ask.execution, plan=plan), ask.stage.context(), 1)
    unit = ask.stage.stored.begin()
    unit.withdraw_approval(ask.approval.approval_id)
    unit.refreeze_execution(ask.execution.execution_id, plan, newer.plan_hash, ask.approval.plan_hash, "")
    unit.add_approval(newer)
    await unit.commit()
    return newer


async def test_what_stands_is_let_through(home: Path) -> None:
    async with asked(home) as ask:
        await check_standing(ask.stage.stored, ask.approval)
        await ask.decide("request_changes", APPROVER, reason="smaller")
        sent_back = await ask.stage.stored.approval("default", ask.approval.approval_id)
        assert sent_back is not None
        await check_standing(ask.stage.stored, sent_back)


async def test_a_replaced_approval_names_the_one_in_its_place(home: Path) -> None:
    async with asked(home) as ask:
        newer = await replaced(ask)
        for decision in ("approve", "reject", "request_changes"):
            error = await ask.refused(decision, APPROVER, reason="so")
            assert error.code == "approval.not_pending"
            assert error.message == f"This approval is already withdrawn; {newer.approval_id} took its place."


async def test_a_decided_approval_has_no_other_to_name(home: Path) -> None:
    async with asked(home) as ask:
        await ask.decide("reject")
        error = await ask.refused("approve", APPROVER)
        assert (error.code, error.message) == ("approval.not_pending", "This approval is already rejected.")


async def test_a_wrong_hash_is_told_first(home: Path) -> None:
    async with asked(home) as ask:
        await ask.decide("reject")
        assert (await ask.refused("approve", APPROVER, plan_hash="sha256:0")).code == "approval.hash_mismatch"
