from opsconductor.domain.turn import ApprovalAnswer
from opsconductor.stages.e_execute.approvals.approval_rows import ApprovalRows
from opsconductor.testing.approvals import an_approval
from opsconductor.testing.doubles.clock.moving import MovingClockDouble
from tests.unit.waiting import APPROVER, PLAN

ROWS = ApprovalRows(MovingClockDouble())
APPROVAL = an_approval(PLAN, step_id="step_1")


def test_every_word_but_two_is_a_no_and_only_a_yes_breaks_the_glass() -> None:
    said = {
        word: ROWS.decision(
            APPROVAL, APPROVER, ApprovalAnswer(approval_id="a", plan_hash="h", decision=word, break_glass=True), "cli"
        )
        for word in ("approve", "request_changes", "reject", "APPROVE", "")
    }
    assert {word: one.decision for word, one in said.items()} == {
        "approve": "approve",
        "request_changes": "request_changes",
        "reject": "reject",
        "APPROVE": "reject",
        "": "reject",
    }
    assert [word for word, one in said.items() if one.break_glass] == ["approve"]


def test_an_audit_row_names_execution_hash_step_and_reason() -> None:
    row = ROWS.audit(APPROVAL, "id_2", "approval.approved", "fine", agrees=True)
    assert (row.actor, row.subject) == ("id_2", "appr_1")
    assert row.detail == {
        "execution": "exec_1",
        "plan_hash": APPROVAL.plan_hash,
        "reason": "fine",
        "step": "step_1",
        "agrees": True,
    }
