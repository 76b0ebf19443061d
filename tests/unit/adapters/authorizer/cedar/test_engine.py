"""Rights by policy: what none permits is refused, and so is what cannot be judged."""

from dataclasses import replace

import pytest

from opsconductor.adapters.authorizer.cedar import CedarAuthorizer
from opsconductor.domain.identity import Identity, Role
from opsconductor.domain.json_value import Json
from opsconductor.ports.authorizer import Permission

READS = ("ask", "read", "view_records")
EVERYTHING = (*READS, "change", "import", "manage_tokens")
ALLOWED = {
    Role.VIEWER: set(READS),
    Role.REQUESTER: {*READS, "change"},
    Role.APPROVER: set(READS),
    Role.ADMIN: {*READS, "import", "manage_tokens"},
    Role.BREAK_GLASS: set(READS),
}


def identity(*roles: Role) -> Identity:
    return Identity(identity_id="id_1", tenant="default", name="kim", roles=frozenset(roles))


def allowed(who: Identity, action: str, tenant: str = "default", **facts: Json) -> bool:
    return CedarAuthorizer().decide(who, Permission(action=action, tenant=tenant, facts=facts)).allowed


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("action", EVERYTHING)
def test_roles_and_actions(role: Role, action: str) -> None:
    assert allowed(identity(role), action) is (action in ALLOWED[role])
    assert not allowed(identity(role), action, tenant="elsewhere")
    assert not allowed(replace(identity(*Role), disabled=True), action)
    assert not allowed(identity(), action)


@pytest.mark.parametrize(
    ("roles", "level", "own", "may"),
    [
        ((Role.REQUESTER,), 1, True, True),
        ((Role.REQUESTER,), 1, False, False),
        ((Role.REQUESTER,), 2, True, False),
        ((Role.APPROVER,), 1, True, True),
        ((Role.APPROVER,), 1, False, True),
        ((Role.APPROVER,), 2, False, True),
        ((Role.APPROVER,), 2, True, False),
        ((Role.APPROVER,), 3, False, True),
        (tuple(Role), 2, True, False),
        ((Role.ADMIN,), 1, True, False),
        ((Role.VIEWER,), 0, True, False),
    ],
)
def test_who_approves(roles: tuple[Role, ...], level: int, own: bool, may: bool) -> None:
    assert allowed(identity(*roles), "approve", level=level, own_request=own) is may


def test_facts_that_are_missing_count_as_the_strictest() -> None:
    assert not allowed(identity(*Role), "approve")
    assert not allowed(identity(Role.APPROVER), "approve", level=2)
    assert allowed(identity(Role.APPROVER), "approve", own_request=False)


@pytest.mark.parametrize("level", ["1", 1.5, None, [1], {"a": 1}, True, 2**70, -(2**70)])
def test_facts_that_cannot_be_judged_are_a_refusal(level: Json) -> None:
    assert not allowed(identity(*Role), "approve", level=level, own_request=True)


@pytest.mark.parametrize("action", ["", "approve ", "APPROVE", 'ask"', "nonsense", "a\nb", "é"])
def test_an_action_no_policy_knows_is_refused(action: str) -> None:
    assert not allowed(identity(*Role), action, level=0, own_request=False)


@pytest.mark.parametrize("name", ['a"b', "a\\b", "é\n", "x" * 5000, ""])
def test_strange_names_change_nothing(name: str) -> None:
    strange = replace(identity(Role.VIEWER), identity_id=name, tenant=name)
    assert allowed(strange, "ask", tenant=name)
    assert not allowed(strange, "change", tenant=name)


def test_a_refusal_names_the_role_it_takes() -> None:
    verdict = CedarAuthorizer().decide(identity(Role.VIEWER), Permission(action="change", tenant="default"))
    assert verdict.reason == "kim may not change here; it takes the role requester."
    glass = CedarAuthorizer().decide(identity(Role.ADMIN), Permission(action="break_glass", tenant="default"))
    assert glass.reason.startswith("kim may not approve without a second person here; it takes the role break_glass,")
    assert "opsconductor identities grant kim --role break_glass" in glass.reason


def test_the_disabled_are_told_that_they_are() -> None:
    disabled = replace(identity(*Role), disabled=True)
    for action in ("ask", "approve", "nonsense"):
        verdict = CedarAuthorizer().decide(disabled, Permission(action=action, tenant="default"))
        assert not verdict.allowed
        assert verdict.reason == (
            "The identity kim is disabled. An administrator can enable it: "
            "opsconductor identities disable kim --enable."
        )


def test_the_digest_changes_with_the_policies() -> None:
    assert CedarAuthorizer().policy_digest == CedarAuthorizer().policy_digest
    assert CedarAuthorizer("permit (principal, action, resource);").policy_digest != CedarAuthorizer().policy_digest


def test_broken_policies_permit_nothing() -> None:
    with pytest.raises(ValueError, match=r".+"):
        CedarAuthorizer("permit (").decide(identity(*Role), Permission(action="ask", tenant="default"))


def test_one_authorizer_tells_alike_requests_apart() -> None:
    authorizer = CedarAuthorizer()

    def may(who: Identity, **facts: Json) -> bool:
        permission = Permission(action="approve", tenant="default", facts=facts)
        return authorizer.decide(who, permission).allowed

    asked = [
        (identity(Role.REQUESTER), 1, True, True),
        (identity(Role.REQUESTER), True, True, False),
        (identity(Role.REQUESTER), 1, False, False),
        (identity(Role.APPROVER), 1, False, True),
        (replace(identity(Role.APPROVER), disabled=True), 1, False, False),
        (replace(identity(Role.APPROVER), tenant="elsewhere"), 1, False, False),
        (identity(Role.APPROVER), 2, True, False),
    ]
    for _ in range(2):
        assert [may(who, level=level, own_request=own) for who, level, own, _ in asked] == [one[3] for one in asked]
