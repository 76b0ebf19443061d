"""A person's word becomes a run, an answer, or a refusal; never a crash."""

from functools import partial
from pathlib import Path
from typing import Any

import pytest

from opsconductor.adapters.authorizer.cedar import CedarAuthorizer
from opsconductor.adapters.expressions.cel import open_expressions
from opsconductor.adapters.schema.json_schema import JsonSchemas
from opsconductor.domain.approvals import ApprovalState
from opsconductor.domain.errors import InternalFault
from opsconductor.domain.identity import Identity
from opsconductor.domain.turn import ApprovalAnswer, Trigger
from opsconductor.phases.p07_execute_tools.answer_approval import AnswerApproval, Answered
from opsconductor.phases.p07_execute_tools.gate import Gate
from opsconductor.stages.c_plan.planner import Plan
from opsconductor.stages.e_execute.approvals.plan_editor import PlanEditor
from tests.unit.waiting import APPROVER, SECOND, Asked, asked


async def answer(ask: Asked, decision: str = "approve", who: Identity | None = None, **changes: Any) -> Answered:
    stage = ask.stage
    editor = PlanEditor(stage.storage, stage.inventory, JsonSchemas(), stage.approvals, stage.clock)
    expressions = open_expressions()
    answers = AnswerApproval(
        stage.approvals, editor, Gate(CedarAuthorizer(), expressions), Plan(stage.inventory, expressions)
    )
    said = ApprovalAnswer(
        approval_id=ask.approval.approval_id, plan_hash=ask.approval.plan_hash, decision=decision, **changes
    )
    context = partial(stage.context, trigger=Trigger.APPROVAL, approval=said)
    return await answers.run(context(identity=who) if who is not None else context())


def outcome(answered: Answered) -> str:
    assert answered.planned.verdict is not None
    return answered.planned.verdict.outcome


async def test_the_last_yes_starts_a_run_with_everything_the_engine_needs(home: Path) -> None:
    async with asked(home) as ask:
        answered = await answer(ask, reason="go")
        assert answered.run is not None
        assert (answered.run.started, answered.run.approval_id) == (True, ask.approval.approval_id)
        assert (answered.run.confirmed, answered.run.done) == (None, ())
        assert [decision.reason for decision in answered.run.approvals] == ["go"]
        assert outcome(answered) == "run"


async def test_at_level_3_nothing_is_confirmed_yet(home: Path) -> None:
    async with asked(home, level=3) as ask:
        first = await answer(ask, who=APPROVER)
        assert (first.run, outcome(first)) == (None, "approve")
        assert first.planned.told.startswith("approver has approved it (1 of 2)")
        second = await answer(ask, who=SECOND)
        assert second.run is not None
        assert second.run.confirmed == frozenset()


async def test_what_does_not_run_is_told(home: Path) -> None:
    async with asked(home) as ask:
        back = await answer(ask, "request_changes", reason="later")
        assert (back.run, outcome(back)) == (None, "approve")
        rejected = await answer(ask, "reject")
        assert (rejected.run, outcome(rejected)) == (None, "refuse")
        assert rejected.planned.approval is not None
        assert rejected.planned.approval.state is ApprovalState.WITHDRAWN


async def test_an_edit_is_planned_and_judged_anew(home: Path) -> None:
    async with asked(home) as ask:
        edited = await answer(ask, "edit", changes={"step_1": {"service": "ledger"}})
        assert edited.planned.refusal_code == "", edited.planned.refusal
        assert edited.planned.approval is not None
        assert edited.planned.approval.state is ApprovalState.PENDING
        assert edited.planned.plan is not None
        assert edited.planned.plan.steps[0].inputs["service"] == "ledger"


async def test_a_word_that_cannot_be_taken_is_a_refusal(home: Path) -> None:
    async with asked(home) as ask:
        refused = await answer(ask, "edit", changes={"step_1": {"speed": 9}})
        assert (refused.run, refused.planned.refusal_code) == (None, "request.invalid")
        assert "has no input speed" in refused.planned.refusal
        stage = ask.stage
        answers = AnswerApproval(stage.approvals, None, None, None)  # type: ignore[arg-type]
        with pytest.raises(InternalFault):
            await answers.run(stage.context(trigger=Trigger.APPROVAL))
