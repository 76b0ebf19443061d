from dataclasses import replace

from opsconductor.domain.execution import ExecutionStatus
from opsconductor.stages.e_execute.approvals.approvers import Outlook
from opsconductor.stages.e_execute.approvals.waiting_words import (
    begun_already,
    given_so_far,
    nobody_could,
    owed_review,
    waits_already,
    who_is_needed,
)
from opsconductor.testing.approvals import an_approval
from tests.unit.stages.e_execute.approvals.test_approvers import yes
from tests.unit.stages.e_execute.approvals.test_open_orders import an_execution
from tests.unit.waiting import ADMIN, APPROVER, PLAN

TWO = Outlook(names=("ana", "ben"), missing=2, roles=("approver",), glass=())


def test_who_is_needed_is_named_or_how_to_get_somebody() -> None:
    assert who_is_needed(TWO, "appr_1") == "2 different people have to approve it, of: ana, ben."
    one = who_is_needed(replace(TWO, names=("ana",)), "appr_1")
    assert one.startswith("2 different people have to approve it, and here only ana may. To add one: opsconductor ")
    glass = who_is_needed(replace(TWO, names=(), missing=1, glass=("root",)), "appr_1")
    assert "here nobody may" in glass
    assert "root may approve without a second person: opsconductor approvals approve appr_1 --break-glass" in glass


def test_a_plan_that_nobody_could_approve_is_refused_with_who_would_be_needed() -> None:
    words = nobody_could(replace(TWO, names=("ana",)), 3, ("it cannot be undone",))
    assert "the approval of 2 different people with the role approver (level 3: it cannot be undone)" in words
    assert "only ana may, so nothing was run" in words
    alone = nobody_could(replace(TWO, names=(), missing=1, roles=()), 2, ("several targets",))
    assert "the approval of a second person" in alone
    assert "there is nobody who may" in alone
    assert "opsconductor identities create NAME --role approver" in alone


def test_what_is_given_and_what_is_owed() -> None:
    approval = an_approval(PLAN, needed=2, decisions=(yes(ADMIN, break_glass=True),))
    left = replace(TWO, names=("ben",), missing=1)
    assert given_so_far(approval, (yes(APPROVER),), left) == (
        "approver has approved it (1 of 2). 1 person has to approve it, of: ben."
    )
    assert given_so_far(approval, (), left).startswith("Nobody has approved it (0 of 2).")
    assert owed_review(approval).startswith("admin approved this without a second person.")
    assert "opsconductor approvals review appr_1 --reason WHY." in owed_review(approval)


def test_the_same_order_is_named() -> None:
    execution = an_execution(status=ExecutionStatus.RUNNING)
    assert begun_already(execution) == "The same order is running as exec_1; no second one was begun."
    assert "exec_1, which has waited since 2026-05-05T12:00:00.000Z" in waits_already(execution, an_approval(PLAN))
