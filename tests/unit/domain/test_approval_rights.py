"""Who may approve which risk and which tools; what nobody grants, nobody may."""

from dataclasses import replace
from typing import Any

import pytest

from opsconductor.domain.approval_rights import DEFAULT_RIGHTS, faults, may_approve, roles_for, self_approval
from opsconductor.domain.identity import Identity, Role
from opsconductor.testing.executions import HOSTS, a_change, a_plan, a_read, a_step

RESTART = a_plan(a_step(a_change(), HOSTS[0]))
DEPLOY = a_plan(a_step(a_change(), HOSTS[0]), a_step(a_change("service-deploy"), HOSTS[0], step_id="step_2"))
READ = a_plan(a_step(a_read(), HOSTS[0]))


def who(*roles: Role, name: str = "kim") -> Identity:
    return Identity(identity_id="id_1", tenant="default", name=name, roles=frozenset(roles))


@pytest.mark.parametrize(
    ("risk", "role", "may"),
    [
        ("medium", Role.REQUESTER, True),
        ("high", Role.REQUESTER, False),
        ("critical", Role.APPROVER, True),
        ("low", Role.ADMIN, False),
        ("low", Role.VIEWER, False),
    ],
)
def test_by_default_requesters_confirm_what_is_medium_and_approvers_anything(risk: str, role: Role, may: bool) -> None:
    assert may_approve(DEFAULT_RIGHTS, who(role), replace(RESTART, risk=risk)) is may


def test_a_grant_may_name_risks_tools_and_people() -> None:
    setting: Any = [
        {"roles": ["approver"], "tools": ["service-restart"], "risks": ["medium"]},
        {"roles": ["approver"], "tools": ["*-deploy"], "names": ["lee"]},
    ]
    assert may_approve(setting, who(Role.APPROVER), RESTART)
    assert not may_approve(setting, who(Role.APPROVER), replace(RESTART, risk="high"))
    medium = replace(DEPLOY, risk="medium")
    assert may_approve(setting, who(Role.APPROVER, name="lee"), medium)
    assert not may_approve(setting, who(Role.APPROVER, name="kim"), medium)
    assert roles_for(setting, medium) == ("approver",)
    assert roles_for(setting, replace(RESTART, risk="critical")) == ()


def test_every_changing_step_has_to_be_granted_and_reads_beside_them_need_no_grant() -> None:
    restarts: Any = [{"roles": ["approver"], "tools": ["service-restart"]}]
    assert not may_approve(restarts, who(Role.APPROVER), DEPLOY)
    mixed = a_plan(a_step(a_read(), HOSTS[0]), a_step(a_change(), HOSTS[0], step_id="step_2"))
    assert may_approve(restarts, who(Role.APPROVER), mixed)
    assert not may_approve(restarts, who(Role.APPROVER), READ)


@pytest.mark.parametrize(
    "setting",
    [
        None,
        "approver",
        {},
        [],
        ["approver"],
        [{"risks": ["medium"]}],
        [{"roles": []}],
        [{"roles": "approver"}],
        [{"roles": ["approver", "boss"]}],
        [{"roles": ["approver"], "risk": ["low"]}],
        [{"roles": ["approver"], "tools": "service-restart"}],
        [{"roles": ["approver"], "names": [1]}],
    ],
)
def test_a_setting_that_is_not_understood_grants_nothing(setting: Any) -> None:
    assert not may_approve(setting, who(*Role), RESTART)
    assert faults(setting) or setting == []
    assert faults(DEFAULT_RIGHTS) == ()


def test_self_approval_is_off_unless_it_is_exactly_on() -> None:
    assert self_approval({"approvals.self_approval": True})
    for settings in ({}, {"approvals.self_approval": "on"}, {"approvals.self_approval": 1}):
        assert not self_approval(settings)
