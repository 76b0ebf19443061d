"""Who may approve as things stand, and how many people are missing."""

from dataclasses import replace

import pytest

from opsconductor.adapters.authorizer.cedar import CedarAuthorizer
from opsconductor.domain.approval_rights import DEFAULT_RIGHTS
from opsconductor.domain.approvals import ApprovalDecision
from opsconductor.domain.identity import Identity
from opsconductor.stages.e_execute.approvals.approvers import Approvers, Question, is_enough
from tests.unit.waiting import ADMIN, APPROVER, OTHER, PEOPLE, PLAN, REQUESTER, SECOND, VIEWER

ASKED = Question(tenant="default", requester="id_1", level=2, needed=1, plan=PLAN)


def rights(*, self_approval: bool = False) -> Approvers:
    return Approvers(CedarAuthorizer(), DEFAULT_RIGHTS, self_approval=self_approval)


def yes(who: Identity, *, break_glass: bool = False) -> ApprovalDecision:
    return ApprovalDecision(
        who=who.identity_id,
        who_name=who.name,
        decision="approve",
        reason="",
        at="",
        how="cli",
        level=2,
        break_glass=break_glass,
    )


@pytest.mark.parametrize(
    ("question", "names"),
    [
        (ASKED, {"approver", "second"}),
        (replace(ASKED, level=1), {"requester", "approver", "second"}),
        (replace(ASKED, level=3, step_id="step_1"), {"requester", "approver", "second"}),
        (replace(ASKED, requester="id_2"), {"second"}),
    ],
)
def test_who_may(question: Question, names: set[str]) -> None:
    assert {one.name for one in PEOPLE if rights().may(one, question).allowed} == names


def test_with_self_approval_an_approver_may_approve_an_own_plan() -> None:
    own = replace(ASKED, requester=APPROVER.identity_id)
    assert rights(self_approval=True).may(APPROVER, own).allowed
    assert not rights().may(APPROVER, own).allowed


def test_a_risk_that_nobody_is_granted_is_told_with_what_it_takes() -> None:
    narrow = Approvers(CedarAuthorizer(), [{"roles": ["approver"], "risks": ["low"]}], self_approval=False)
    verdict = narrow.may(APPROVER, ASKED)
    assert not verdict.allowed
    assert "approval_rights" in verdict.reason


def test_an_approval_counts_once_a_person_and_only_while_they_may() -> None:
    people = {one.identity_id: one for one in (APPROVER, replace(SECOND, disabled=True), VIEWER)}
    given = (yes(APPROVER), yes(APPROVER), yes(SECOND), yes(VIEWER), replace(yes(APPROVER), decision="reject"))
    assert [one.who for one in rights().counted(given, people, ASKED)] == [APPROVER.identity_id]


def test_the_glass_counts_for_as_many_as_are_needed_while_it_may_be_broken() -> None:
    people = {ADMIN.identity_id: ADMIN}
    broken = (yes(ADMIN, break_glass=True),)
    assert is_enough(rights().counted(broken, people, ASKED), 2)
    withdrawn = {ADMIN.identity_id: replace(ADMIN, roles=frozenset())}
    assert not is_enough(rights().counted(broken, withdrawn, ASKED), 1)
    assert not is_enough(rights().counted((yes(ADMIN),), people, ASKED), 1)


def test_an_outlook_names_who_is_left_and_whether_it_can_ever_be() -> None:
    two = replace(ASKED, level=3, needed=2)
    outlook = rights().outlook(PEOPLE, two, (yes(APPROVER),))
    assert (outlook.names, outlook.missing, outlook.roles, outlook.glass) == (("second",), 1, ("approver",), ("admin",))
    assert outlook.possible
    alone = rights().outlook((REQUESTER, OTHER, APPROVER), two)
    assert (alone.names, alone.missing, alone.possible) == (("approver",), 2, False)
    assert rights().outlook((REQUESTER, ADMIN), two).possible
