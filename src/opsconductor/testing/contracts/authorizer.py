"""What every engine of the authorizer port promises, whatever its policies say beyond this."""

from collections.abc import Callable

from opsconductor.domain.identity import Identity, Role
from opsconductor.domain.json_value import Json
from opsconductor.ports.authorizer import Authorizer, Permission

ACTIONS = (
    *("ask", "read", "change", "view_records"),
    *("approve", "confirm_step", "decline", "break_glass", "review"),
    *("cancel", "resolve"),
    *("import", "manage_tokens", "manage_identities", "manage_settings"),
)


def _who(*roles: Role, tenant: str = "default", disabled: bool = False) -> Identity:
    return Identity(identity_id="id_1", tenant=tenant, name="kim", roles=frozenset(roles), disabled=disabled)


def _may(authorizer: Authorizer, who: Identity, action: str, **facts: Json) -> bool:
    verdict = authorizer.decide(who, Permission(action=action, tenant="default", facts=facts))
    assert verdict.allowed or who.name in verdict.reason
    return verdict.allowed


def nobody_acts_without_a_role_or_in_another_tenant_or_disabled(authorizer: Authorizer) -> None:
    """Whatever the action."""
    for action in ACTIONS:
        facts: dict[str, Json] = {"level": 1, "own_request": True, "own_decision": False}
        assert not _may(authorizer, _who(), action, **facts)
        assert not _may(authorizer, _who(*Role, tenant="elsewhere"), action, **facts)
        assert not _may(authorizer, _who(*Role, disabled=True), action, **facts)


def a_viewer_reads_and_changes_nothing(authorizer: Authorizer) -> None:
    """And approves nothing."""
    assert _may(authorizer, _who(Role.VIEWER), "read")
    assert not _may(authorizer, _who(Role.VIEWER), "change", level=0)
    assert not _may(authorizer, _who(Role.VIEWER), "approve", level=1, own_request=True)


def nobody_approves_an_own_change_of_level_two(authorizer: Authorizer) -> None:
    """With all roles there are; and a missing fact counts as the strictest."""
    for facts in ({"level": 2, "own_request": True}, {"level": 2}, {"own_request": True}, {}):
        assert not _may(authorizer, _who(*Role), "approve", **facts)


def self_approval_is_a_switch_of_the_tenant(authorizer: Authorizer) -> None:
    """It lets an approver approve an own plan, and makes nobody an approver."""
    facts: dict[str, Json] = {"level": 2, "own_request": True}
    assert _may(authorizer, _who(Role.APPROVER), "approve", **facts, self_approval=True)
    assert not _may(authorizer, _who(Role.APPROVER), "approve", **facts, self_approval=False)
    assert not _may(authorizer, _who(Role.REQUESTER, Role.ADMIN), "approve", **facts, self_approval=True)
    assert not _may(authorizer, _who(*Role), "approve", **facts, self_approval="yes")


def a_step_is_confirmed_by_its_requester_or_an_approver(authorizer: Authorizer) -> None:
    """And declined by the same people."""
    for action in ("confirm_step", "decline"):
        assert _may(authorizer, _who(Role.REQUESTER), action, own_request=True)
        assert _may(authorizer, _who(Role.APPROVER), action, own_request=False)
        assert not _may(authorizer, _who(Role.REQUESTER, Role.ADMIN), action, own_request=False)
        assert not _may(authorizer, _who(Role.VIEWER, Role.ADMIN), action, own_request=True)


def only_who_was_given_the_glass_breaks_it_and_somebody_else_reviews_it(authorizer: Authorizer) -> None:
    """An administrator may not unless given it; a reviewer who is not known to be another person is none."""
    assert _may(authorizer, _who(Role.BREAK_GLASS), "break_glass", level=3, own_request=True)
    everything_else = set(Role) - {Role.BREAK_GLASS}
    assert not _may(authorizer, _who(*everything_else), "break_glass", level=1)
    assert not _may(authorizer, _who(Role.BREAK_GLASS), "approve", level=1, own_request=False)
    for role in (Role.APPROVER, Role.ADMIN):
        assert _may(authorizer, _who(role), "review", own_decision=False)
        assert not _may(authorizer, _who(role), "review", own_decision=True)
        assert not _may(authorizer, _who(role), "review")
    assert not _may(authorizer, _who(Role.REQUESTER, Role.VIEWER), "review", own_decision=False)


def an_execution_is_cancelled_by_its_requester_or_who_is_responsible(authorizer: Authorizer) -> None:
    """Its outcome is settled only by the latter, and not by its requester but where self-approval is on."""
    assert _may(authorizer, _who(Role.REQUESTER), "cancel", own_request=True)
    assert not _may(authorizer, _who(Role.REQUESTER, Role.VIEWER), "cancel", own_request=False)
    assert not _may(authorizer, _who(Role.VIEWER), "cancel", own_request=True)
    assert not _may(authorizer, _who(Role.REQUESTER, Role.VIEWER), "resolve", own_request=True)
    for role in (Role.APPROVER, Role.ADMIN):
        assert _may(authorizer, _who(role), "cancel", own_request=False)
        assert _may(authorizer, _who(role), "resolve", own_request=False)
        assert not _may(authorizer, _who(role), "resolve", own_request=True)
        assert not _may(authorizer, _who(role), "resolve")
        assert _may(authorizer, _who(role), "resolve", own_request=True, self_approval=True)


def only_an_administrator_administers(authorizer: Authorizer) -> None:
    """Identities, tokens, imports, and the switches of the tenant."""
    for action in ("import", "manage_tokens", "manage_identities", "manage_settings"):
        assert _may(authorizer, _who(Role.ADMIN), action)
        assert not _may(authorizer, _who(Role.REQUESTER, Role.APPROVER, Role.VIEWER), action)


def an_unknown_action_or_a_fact_that_is_none_is_a_no(authorizer: Authorizer) -> None:
    """Nothing raises."""
    assert not _may(authorizer, _who(*Role), "fly")
    assert not _may(authorizer, _who(*Role), "approve", level="high", own_request="no")


PROMISES: tuple[Callable[[Authorizer], None], ...] = (
    nobody_acts_without_a_role_or_in_another_tenant_or_disabled,
    a_viewer_reads_and_changes_nothing,
    nobody_approves_an_own_change_of_level_two,
    self_approval_is_a_switch_of_the_tenant,
    a_step_is_confirmed_by_its_requester_or_an_approver,
    only_who_was_given_the_glass_breaks_it_and_somebody_else_reviews_it,
    an_execution_is_cancelled_by_its_requester_or_who_is_responsible,
    only_an_administrator_administers,
    an_unknown_action_or_a_fact_that_is_none_is_a_no,
)
