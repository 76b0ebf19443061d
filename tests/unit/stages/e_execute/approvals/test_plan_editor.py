"""An edited plan is another plan: its own hash and approval, in one transaction with the end of the old one."""

import asyncio
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from opsconductor.adapters.expressions.cel import open_expressions
from opsconductor.adapters.schema.json_schema import JsonSchemas
from opsconductor.domain.approvals import ApprovalState
from opsconductor.domain.errors import OpsConductorError
from opsconductor.domain.execution import ExecutionStatus
from opsconductor.domain.turn import ApprovalAnswer, GateVerdict
from opsconductor.ports.storage import Storage
from opsconductor.stages.c_plan.planner import Plan
from opsconductor.stages.e_execute.approval_manager import VALID_FOR, Decided
from opsconductor.stages.e_execute.approvals.envelopes import is_intact
from opsconductor.stages.e_execute.approvals.plan_editor import PlanEditor
from opsconductor.testing.doubles.storage.failing import DO_THEN_RAISE, REFUSE, FailingStorageDouble, at_method
from tests.unit.waiting import ADMIN, APPROVER, CHANGE, OTHER, REQUESTER, Asked, asked

RAISED = GateVerdict(outcome="approve", level=2, risk="high", reasons=())


async def edit(ask: Asked, identity: Any = REQUESTER, verdict: GateVerdict = RAISED, **changes: Any) -> Decided:
    stage = ask.stage
    editor = PlanEditor(stage.storage, stage.inventory, JsonSchemas(), stage.approvals, stage.clock)
    context = ask.context(identity)
    answer = ApprovalAnswer(
        approval_id=ask.approval.approval_id,
        plan_hash=ask.approval.plan_hash,
        decision="edit",
        changes={"step_1": {"service": "ledger"}},
        reason="wrong service",
    )

    async def judge(frozen: Any) -> GateVerdict:
        assert frozen.execution.plan.steps[0].inputs["service"] == "ledger"
        return verdict

    plan = Plan(stage.inventory, open_expressions())
    replan = partial(plan.run, context.tenant, context.catalogue)
    return await editor.edit(context, replace(answer, **changes), replan, judge)


async def code_of(coming: Any) -> str:
    with pytest.raises(OpsConductorError) as refused:
        await coming
    return refused.value.code


async def test_the_edited_plan_waits_anew_and_the_old_approval_is_void(home: Path) -> None:
    async with asked(home) as ask:
        old = ask.approval
        made = await edit(ask)
        new = await ask.stage.stored.approval("default", made.approval.approval_id)
        stored = await ask.stored()
        assert new == made.approval
        assert (new.state, new.level, new.needed) == (ApprovalState.PENDING, 2, 1)
        assert new.plan_hash == stored.plan_hash != old.plan_hash
        assert is_intact(new, stored)
        assert stored.plan.steps[0].inputs["service"] == "ledger"
        assert (stored.status, stored.tool_key) == (ExecutionStatus.AWAITING_APPROVAL, made.execution.tool_key)
        assert stored.tool_key.startswith("sha256:")
        assert await ask.state() is ApprovalState.WITHDRAWN
        assert made.told == f"It replaces {old.approval_id}, which is withdrawn."
        assert await ask.audited() == ["approval.withdrawn", "approval.requested"]
        assert (await ask.refused(identity=APPROVER)).code == "approval.not_pending"  # the old hash runs nothing
        ask.approval = new
        assert (await ask.decide(identity=APPROVER)).execution.plan == stored.plan


async def test_a_plan_that_was_sent_back_is_edited_too(home: Path) -> None:
    async with asked(home, level=2) as ask:
        await ask.decide("request_changes", identity=APPROVER, reason="other service")
        assert (await edit(ask)).approval.state is ApprovalState.PENDING
        assert await ask.state() is ApprovalState.WITHDRAWN


async def test_only_the_requester_edits_and_only_what_is_stored(home: Path) -> None:
    async with asked(home) as ask:
        assert await code_of(edit(ask, OTHER)) == "approval.not_yours"
        assert await code_of(edit(ask, APPROVER)) == "approval.not_yours"
        assert await code_of(edit(ask, plan_hash="sha256:other")) == "approval.hash_mismatch"
        assert await code_of(edit(ask, approval_id="appr_none")) == "approval.not_found"
        assert await code_of(edit(ask, changes={"step_1": {"service": "billing"}})) == "request.invalid"
        assert await ask.state() is ApprovalState.PENDING


async def test_what_the_gate_refuses_leaves_the_old_plan_waiting(home: Path) -> None:
    async with asked(home) as ask:
        refusal = GateVerdict(outcome="refuse", level=1, risk="low", reasons=("No.",), code="gate.denied_by_rule")
        assert await code_of(edit(ask, verdict=refusal)) == "gate.denied_by_rule"
        assert await ask.state() is ApprovalState.PENDING


async def test_what_is_decided_expired_or_begun_is_not_edited(home: Path) -> None:
    async with asked(home) as ask:
        await ask.decide()
        assert await code_of(edit(ask)) == "approval.not_pending"
    async with asked(home / "2") as ask:
        ask.stage.clock.advance(VALID_FOR.total_seconds())
        assert await code_of(edit(ask)) == "approval.expired"
        assert (await ask.stored()).status is ExecutionStatus.CANCELLED
    async with asked(home / "3", level=3) as ask:
        running = (await ask.decide(identity=ADMIN, break_glass=True, reason="x")).execution
        await ask.paused(running, "step_1")
        assert await code_of(edit(ask)) == "approval.not_pending"


async def test_of_an_edit_and_an_approval_at_once_one_holds(home: Path) -> None:
    async with asked(home) as ask:
        both = await asyncio.gather(edit(ask), ask.decide(identity=APPROVER), return_exceptions=True)
        assert sum(isinstance(item, Decided) for item in both) == 1
        stored = await ask.stored()
        edited = stored.plan.steps[0].inputs["service"] == "ledger"
        assert (stored.status is ExecutionStatus.RUNNING) is not edited


async def test_an_edit_that_would_be_an_order_that_is_open_is_refused(home: Path) -> None:
    async with asked(home) as ask:
        made = await edit(ask)
        ask.stage.ids.new("exec")
        execution, approval = ask.stage.approvals.propose(ask.context(), ask.execution.plan, 1, "immediate", "k")
        unit = ask.stage.stored.begin()
        unit.add_execution(execution)
        unit.add_approval(approval)
        await unit.commit()
        ask.approval = approval
        assert await code_of(edit(ask)) == "execution.duplicate"
        assert (await ask.stored()).plan_hash == made.approval.plan_hash


@pytest.mark.parametrize(("fault", "edited"), [(REFUSE, False), (DO_THEN_RAISE, True)])
async def test_what_the_store_took_is_what_is_told(home: Path, fault: str, edited: bool) -> None:
    def wrap(storage: Storage) -> FailingStorageDouble:
        return FailingStorageDouble(storage, at_method("refreeze_execution", fault))

    async with asked(home, wrap=wrap) as ask:
        if edited:
            assert (await edit(ask)).approval.state is ApprovalState.PENDING
        else:
            assert await code_of(edit(ask)) == "store.unavailable"
        assert (await ask.state() is ApprovalState.WITHDRAWN) is edited
        assert CHANGE.name == (await ask.stored()).plan.steps[0].tool
