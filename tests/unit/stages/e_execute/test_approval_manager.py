"""An approval is a signature over bytes: what runs is what was shown, by who may say so, once."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from opsconductor.adapters.authorizer.cedar import CedarAuthorizer
from opsconductor.domain.approvals import Approval, ApprovalState
from opsconductor.domain.errors import Conflict, NotFound, OpsConductorError, Refused, Unavailable
from opsconductor.domain.execution import Execution, ExecutionStatus
from opsconductor.domain.identity import Identity, Role
from opsconductor.domain.plan import envelope_content
from opsconductor.domain.turn import GateVerdict
from opsconductor.ports.canonical import digest
from opsconductor.ports.storage import Storage
from opsconductor.stages.e_execute.approval_manager import VALID_FOR, Decided
from opsconductor.testing.doubles.storage.failing import DO_THEN_RAISE, REFUSE, FailingStorageDouble, at_method
from opsconductor.testing.executions import HOSTS, a_plan, a_step
from tests.unit.stage_e import open_stage_e
from tests.unit.waiting import (
    ADMIN,
    APPROVER,
    CHANGE,
    OTHER,
    PLAN,
    REQUESTER,
    SECOND,
    STRANGER,
    VIEWER,
    asked,
)


async def test_a_proposal_stores_nothing_and_binds_everything(home: Path) -> None:
    async with open_stage_e(home, CHANGE) as stage:
        context = stage.context()
        execution, approval = stage.approvals.propose(context, PLAN, 1, "immediate")
        assert await stage.stored.approvals("default") == ()
    assert approval.plan_hash == execution.plan_hash == digest(envelope_content(approval.envelope))
    assert approval.envelope.execution_id == execution.execution_id
    assert (execution.status, approval.state) == (ExecutionStatus.AWAITING_APPROVAL, ApprovalState.PENDING)
    (step,) = approval.envelope.steps
    assert step["targets"] == ["asset_app-01"]
    assert step["arguments"] == {"service": "billing"}


async def test_the_same_plan_twice_is_two_hashes(home: Path) -> None:
    async with open_stage_e(home, CHANGE) as stage:
        hashes = {stage.approvals.propose(stage.context(), PLAN, 1, "immediate")[1].plan_hash for _ in range(3)}
    assert len(hashes) == 3


async def test_approving_starts_the_run_in_one_commit(home: Path) -> None:
    async with asked(home) as ask:
        decided = await ask.decide(reason="go")
        assert (decided.approval.state, decided.execution.status) == (ApprovalState.CONSUMED, ExecutionStatus.RUNNING)
        assert (await ask.state(), (await ask.stored()).status) == (ApprovalState.CONSUMED, ExecutionStatus.RUNNING)
        assert (await ask.stored()).owner == ask.stage.processes.me
        assert await ask.audited() == ["approval.approved", "execution.started"]
        assert [decision.reason for decision in decided.approval.decisions] == ["go"]


async def test_rejecting_ends_it_and_keeps_the_reason(home: Path) -> None:
    async with asked(home) as ask:
        decided = await ask.decide("reject", reason="not tonight")
        assert decided.approval.state is await ask.state() is ApprovalState.REJECTED
        assert decided.approval.decisions[-1].reason == "not tonight"
        assert (await ask.stored()).status is ExecutionStatus.CANCELLED
        assert (await ask.refused()).code == "approval.not_pending"


async def test_any_other_word_is_a_no(home: Path) -> None:
    async with asked(home) as ask:
        decided = await ask.decide("APPROVE")
        assert decided.approval.state is ApprovalState.REJECTED
        assert decided.approval.decisions[-1].decision == "reject"


async def test_another_hash_is_refused(home: Path) -> None:
    async with asked(home) as ask:
        assert (await ask.refused(plan_hash="sha256:" + "0" * 64)).code == "approval.hash_mismatch"
        assert await ask.state() is ApprovalState.PENDING


def _other_plan(step: dict[str, Any] | None = None, **plan: Any) -> Any:
    def tamper(execution: Execution, approval: Approval) -> tuple[Execution, Approval]:
        steps = tuple(replace(item, **(step or {})) for item in execution.plan.steps)
        return replace(execution, plan=replace(execution.plan, steps=steps, **plan)), approval

    return tamper


def _other_approval(**changes: Any) -> Any:
    return lambda execution, approval: (execution, replace(approval, **changes))


def _other_execution(**changes: Any) -> Any:
    return lambda execution, approval: (replace(execution, **changes), approval)


@pytest.mark.parametrize(
    "tamper",
    [
        _other_plan({"inputs": {"service": "ledger"}}),
        _other_plan({"targets": PLAN.steps[0].targets * 2}),
        _other_plan({"tool": "rm-rf"}),
        _other_plan({"timeout_ms": 1}),
        _other_plan({"credential_ref": "root"}),
        _other_plan(plan_digest="sha256:" + "1" * 64),
        _other_plan(risk="low"),
        _other_approval(level=0),
        _other_approval(expires_at="2030-01-01T00:00:00.000Z"),
        _other_approval(plan_hash="sha256:" + "2" * 64),
        _other_execution(requester="id_9"),
        _other_execution(plan_hash="sha256:" + "3" * 64),
    ],
)
async def test_a_plan_edited_in_the_store_is_refused(home: Path, tamper: Any) -> None:
    async with asked(home, tamper=tamper) as ask:
        assert (await ask.refused()).code == "approval.hash_mismatch"


async def test_an_expired_approval_is_told_and_closed(home: Path) -> None:
    async with asked(home) as ask:
        ask.stage.clock.advance(VALID_FOR.total_seconds())
        error = await ask.refused()
        assert error.code == "approval.expired"
        assert ask.approval.expires_at in error.message
        assert (await ask.state(), (await ask.stored()).status) == (ApprovalState.EXPIRED, ExecutionStatus.CANCELLED)


async def test_the_store_itself_refuses_an_expired_approval(home: Path) -> None:
    """The engine's clock lags: the condition within the commit is what protects."""
    async with asked(home) as ask:
        ask.stage.clock.advance(VALID_FOR.total_seconds() - 0.001)
        lagging = ask.stage.clock.now()
        ask.stage.approvals._clock = _Standing(lagging)  # type: ignore[assignment]
        ask.stage.clock.advance(1)
        error = await ask.refused()
        assert isinstance(error, Conflict)
        assert (error.code, await ask.state()) == ("approval.expired", ApprovalState.EXPIRED)


class _Standing:
    def __init__(self, moment: Any) -> None:
        self._moment = moment

    def now(self) -> Any:
        return self._moment


async def test_two_approvals_at_once_start_one_run(home: Path) -> None:
    async with asked(home) as ask:
        both = await asyncio.gather(*(ask.decide() for _ in range(8)), return_exceptions=True)
        started = [item for item in both if isinstance(item, Decided)]
        losers = [item.code for item in both if isinstance(item, OpsConductorError)]
        assert len(started) == 1
        assert set(losers) <= {"approval.not_pending", "store.conflict"}
        moves = await ask.stage.stored.moves("default", ask.execution.execution_id)
        assert [move.target for move in moves] == [ExecutionStatus.RUNNING]


async def test_of_approving_and_rejecting_at_once_one_holds(home: Path) -> None:
    async with asked(home) as ask:
        both = await asyncio.gather(ask.decide(), ask.decide("reject"), return_exceptions=True)
        assert sum(isinstance(item, Decided) for item in both) == 1
        running = (await ask.stored()).status is ExecutionStatus.RUNNING
        assert await ask.state() is (ApprovalState.CONSUMED if running else ApprovalState.REJECTED)


@pytest.mark.parametrize(
    ("level", "identity", "allowed"),
    [
        (1, None, True),
        (1, APPROVER, True),
        (1, OTHER, False),
        (1, VIEWER, False),
        (1, replace(APPROVER, disabled=True), False),
        (2, None, False),
        (2, APPROVER, True),
        (2, replace(APPROVER, identity_id="id_1"), False),
    ],
)
async def test_who_may_decide(home: Path, level: int, identity: Identity | None, allowed: bool) -> None:
    async with asked(home, level=level) as ask:
        if allowed:
            assert (await ask.decide(identity=identity)).execution.status is ExecutionStatus.RUNNING
        else:
            error = await ask.refused(identity=identity)
            assert isinstance(error, Refused)
            assert error.code == "approval.not_yours"


async def test_in_another_tenant_there_is_no_such_approval(home: Path) -> None:
    async with asked(home) as ask:
        error = await ask.refused(identity=STRANGER)
        assert isinstance(error, NotFound)
        assert error.code == "approval.not_found"
        assert (await ask.refused(approval_id="appr_none")).code == "approval.not_found"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"digest": "sha256:other"}, "tool service-restart has changed"),
        ({"name": "renamed"}, "tool service-restart has changed"),
    ],
)
async def test_a_tool_that_changed_is_drift(home: Path, change: dict[str, Any], words: str) -> None:
    async with asked(home) as ask:
        tool = replace(CHANGE, **change)
        error = await ask.refused(catalogue=replace(ask.stage.catalogue, tools={tool.name: tool}))
        assert error.code == "approval.drift"
        assert words in error.message
        assert (await ask.state(), (await ask.stored()).status) == (ApprovalState.EXPIRED, ExecutionStatus.CANCELLED)


@pytest.mark.parametrize(
    "change",
    [{"environment": "production"}, {"criticality": "high"}, {"ip": "192.0.2.9"}, {"connection": {"port": 22}}, None],
)
async def test_a_target_that_changed_or_is_gone_is_drift(home: Path, change: dict[str, Any] | None) -> None:
    async with asked(home) as ask:
        ask.stage.inventory.held = HOSTS[1:] if change is None else (replace(HOSTS[0], **change),)
        error = await ask.refused()
        assert error.code == "approval.drift"
        assert "app-01" in error.message


async def test_a_policy_that_changed_is_drift(home: Path) -> None:
    async with asked(home) as ask:
        ask.stage.approvals._authorizer = CedarAuthorizer("permit (principal, action, resource);")
        assert (await ask.refused()).code == "approval.drift"


async def test_a_pack_that_changed_in_anything_is_drift(home: Path) -> None:
    async with asked(home) as ask:
        error = await ask.refused(catalogue=replace(ask.stage.catalogue, digest="sha256:another"))
        assert error.code == "approval.drift"
        assert ask.judged == []
        assert (await ask.state(), (await ask.stored()).status) == (ApprovalState.EXPIRED, ExecutionStatus.CANCELLED)


async def test_what_the_gate_refuses_by_now_is_not_started_and_stays_pending(home: Path) -> None:
    async with asked(home) as ask:
        ask.verdict = GateVerdict(
            outcome="refuse", level=1, risk="medium", reasons=("There is a freeze.",), code="gate.denied_by_rule"
        )
        error = await ask.refused(identity=APPROVER)
        assert (error.code, error.message) == ("gate.denied_by_rule", "There is a freeze.")
        assert await ask.state() is ApprovalState.PENDING
        assert [frozen.execution for frozen in ask.judged] == [await ask.stored()]
        assert [asset.name for asset in ask.judged[0].assets] == ["app-01"]


async def test_a_rejection_needs_no_judging(home: Path) -> None:
    async with asked(home) as ask:
        await ask.decide("reject")
        assert ask.judged == []


async def test_an_inventory_that_does_not_answer_starts_nothing(home: Path) -> None:
    async with asked(home) as ask:
        ask.stage.inventory.down = True
        assert (await ask.refused()).code == "inventory.unavailable"
        assert await ask.state() is ApprovalState.PENDING


def failing(fault: str) -> Callable[[Storage], FailingStorageDouble]:
    return lambda storage: FailingStorageDouble(storage, at_method("consume_approval", fault))


async def test_a_start_the_store_does_not_take_is_no_start(home: Path) -> None:
    async with asked(home, wrap=failing(REFUSE)) as ask:
        assert isinstance(await ask.refused(), Unavailable)
        assert await ask.state() is ApprovalState.PENDING
        assert (await ask.decide()).execution.status is ExecutionStatus.RUNNING


async def test_a_start_the_store_took_without_saying_so_is_carried_out(home: Path) -> None:
    async with asked(home, wrap=failing(DO_THEN_RAISE)) as ask:
        assert (await ask.decide()).execution.status is ExecutionStatus.RUNNING
        assert await ask.state() is ApprovalState.CONSUMED
        assert (await ask.stored()).status is ExecutionStatus.RUNNING


async def test_level_2_takes_somebody_else_and_says_who(home: Path) -> None:
    async with asked(home, level=2) as ask:
        assert (await ask.refused()).code == "approval.not_yours"
        assert (await ask.refused(identity=ADMIN)).code == "approval.not_yours"
        decided = await ask.decide(identity=APPROVER)
        assert decided.execution.status is (await ask.stored()).status is ExecutionStatus.RUNNING
        assert (decided.execution.claim, (await ask.stored()).claim) == (1, 1)
        assert decided.confirmed is None


async def test_level_3_takes_two_different_people_and_the_first_is_told_who_is_missing(home: Path) -> None:
    async with asked(home, level=3) as ask:
        first = await ask.decide(identity=APPROVER, reason="fine")
        assert (first.approval.state, await ask.state()) == (ApprovalState.PENDING, ApprovalState.PENDING)
        assert first.told.startswith("approver has approved it (1 of 2). 1 person has to approve it, of: second.")
        assert (await ask.stored()).status is ExecutionStatus.AWAITING_APPROVAL
        assert (await ask.refused(identity=APPROVER)).code == "approval.already_decided"
        second = await ask.decide(identity=SECOND)
        assert [decision.who_name for decision in second.approval.decisions] == ["approver", "second"]
        assert (second.execution.status, second.confirmed) == (ExecutionStatus.RUNNING, frozenset())
        assert await ask.audited() == ["approval.partly_approved", "approval.approved", "execution.started"]


async def test_two_approvers_at_the_same_moment_are_both_heard_and_start_one_run(home: Path) -> None:
    async with asked(home, level=3) as ask:
        both = await asyncio.gather(ask.decide(identity=APPROVER), ask.decide(identity=SECOND))
        assert sorted(one.execution.status for one in both) == [
            ExecutionStatus.AWAITING_APPROVAL,
            ExecutionStatus.RUNNING,
        ]
        moves = await ask.stage.stored.moves("default", ask.execution.execution_id)
        assert [move.target for move in moves] == [ExecutionStatus.RUNNING]


async def test_an_approval_by_somebody_who_may_no_longer_does_not_count(home: Path) -> None:
    async with asked(home, level=3) as ask:
        await ask.decide(identity=APPROVER)
        await ask.change(replace(APPROVER, disabled=True))
        second = await ask.decide(identity=SECOND)
        assert second.approval.state is ApprovalState.PENDING
        assert second.told.startswith("second has approved it (1 of 2). 1 person has to approve it, and here nobody")
        assert "opsconductor identities create NAME --role approver" in second.told
        assert "In an emergency admin may approve" in second.told
        assert (await ask.stored()).status is ExecutionStatus.AWAITING_APPROVAL


async def test_self_approval_is_a_switch_and_makes_nobody_an_approver(home: Path) -> None:
    both = replace(REQUESTER, roles=frozenset({Role.REQUESTER, Role.APPROVER}))
    async with asked(home, level=2) as ask:
        await ask.change(both)
        assert (await ask.refused(identity=both)).code == "approval.not_yours"
        await ask.settings(approvals__self_approval=True)
        assert (await ask.refused(identity=REQUESTER)).code == "approval.not_yours"
        assert (await ask.decide(identity=both)).execution.status is ExecutionStatus.RUNNING


async def test_the_setting_says_who_may_approve_which_risk_and_tools(home: Path) -> None:
    async with asked(home, level=2) as ask:
        await ask.settings(approval_rights=[{"roles": ["approver"], "tools": ["*"], "names": ["second"]}])
        refused = await ask.refused(identity=APPROVER)
        assert (refused.code, "it takes approver" in refused.message) == ("approval.not_yours", True)
        await ask.settings(approval_rights="anybody")
        assert (await ask.refused(identity=SECOND)).code == "approval.not_yours"
        await ask.settings(approval_rights=[{"roles": ["approver"], "risks": ["medium"]}])
        assert (await ask.decide(identity=SECOND)).execution.status is ExecutionStatus.RUNNING


async def test_breaking_the_glass_takes_a_role_of_its_own_and_a_reason_and_owes_a_review(home: Path) -> None:
    async with asked(home, level=3) as ask:
        for who in (APPROVER, replace(ADMIN, roles=frozenset(set(Role) - {Role.BREAK_GLASS}))):
            refused = await ask.refused(identity=who, break_glass=True, reason="x")
            assert (refused.code, "the role break_glass" in refused.message) == ("approval.not_yours", True)
        assert (await ask.refused(identity=ADMIN, break_glass=True)).code == "approval.reason_needed"
        decided = await ask.decide(identity=ADMIN, break_glass=True, reason="it burns")
        assert decided.execution.status is ExecutionStatus.RUNNING
        assert [decision.break_glass for decision in decided.approval.decisions] == [True]
        assert decided.confirmed == frozenset()  # each step is confirmed all the same
        assert f"opsconductor approvals review {ask.approval.approval_id}" in decided.told
        assert await ask.audited() == ["approval.break_glass", "execution.started"]
        due = await ask.stage.stored.reviews_due("default")
        assert [one.approval_id for one in due] == [ask.approval.approval_id]


async def test_a_plan_that_is_sent_back_waits_for_its_requester(home: Path) -> None:
    async with asked(home, level=2) as ask:
        assert (await ask.refused("request_changes", identity=APPROVER)).code == "approval.reason_needed"
        back = await ask.decide("request_changes", identity=APPROVER, reason="not at noon")
        assert back.approval.state is await ask.state() is ApprovalState.CHANGES_REQUESTED
        assert (await ask.stored()).status is ExecutionStatus.AWAITING_APPROVAL
        for who in (APPROVER, SECOND):
            assert (await ask.refused(identity=who)).code == "approval.changes_requested"
        again = await ask.refused("request_changes", identity=SECOND, reason="nor at one")
        assert (again.code, await ask.state()) == ("approval.changes_requested", ApprovalState.CHANGES_REQUESTED)
        ended = await ask.decide("reject")
        assert ended.approval.state is await ask.state() is ApprovalState.WITHDRAWN
        assert (await ask.stored()).status is ExecutionStatus.CANCELLED


async def test_who_asked_may_take_the_plan_back_but_a_stranger_may_not(home: Path) -> None:
    async with asked(home, level=2) as ask:
        assert (await ask.refused("reject", identity=OTHER)).code == "approval.not_yours"
        assert (await ask.decide("reject")).approval.state is ApprovalState.REJECTED


async def test_each_step_of_level_3_is_confirmed_on_its_own(home: Path) -> None:
    plan = a_plan(a_step(CHANGE, HOSTS[0]), a_step(CHANGE, HOSTS[1], step_id="step_2", depends_on=("step_1",)))
    async with asked(home, plan, level=3) as ask:
        await ask.decide(identity=APPROVER)
        running = (await ask.decide(identity=SECOND)).execution
        whole = ask.approval.plan_hash
        first = await ask.paused(running, "step_1")
        assert first.plan_hash != whole
        assert first.envelope.step_id == "step_1"
        assert (await ask.refused(identity=ADMIN)).code == "approval.not_yours"
        assert (await ask.refused(identity=APPROVER, break_glass=True, reason="x")).code == "request.invalid"
        assert (await ask.refused("request_changes", reason="x")).code == "approval.not_pending"
        going = await ask.decide()
        assert (going.execution.status, going.confirmed) == (ExecutionStatus.RUNNING, frozenset({"step_1"}))
        assert going.execution.claim == 2
        assert [decision.who_name for decision in going.decisions] == ["approver", "second", "requester"]
        await ask.paused(going.execution, "step_2")
        rejected = await ask.decide("reject", identity=SECOND, reason="enough")
        assert rejected.execution.status is (await ask.stored()).status is ExecutionStatus.CANCELLED


async def test_the_hash_of_a_step_confirms_that_step_alone(home: Path) -> None:
    plan = a_plan(a_step(CHANGE, HOSTS[0]), a_step(CHANGE, HOSTS[1], step_id="step_2"))
    async with asked(home, plan, level=3) as ask:
        await ask.decide(identity=APPROVER)
        running = (await ask.decide(identity=SECOND)).execution
        whole = ask.approval.plan_hash
        await ask.paused(running, "step_1")
        assert (await ask.refused(plan_hash=whole)).code == "approval.hash_mismatch"
        tampered = replace(ask.approval, approval_id="appr_x", step_id="step_2")
        unit = ask.stage.stored.begin()
        unit.add_approval(tampered)
        await unit.commit()
        assert (await ask.refused(approval_id="appr_x")).code == "approval.hash_mismatch"
