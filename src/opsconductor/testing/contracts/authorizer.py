"""What every engine of the authorizer port promises, whatever its policies say beyond this."""

from collections.abc import Callable

from opsconductor.domain.identity import Identity, Role
from opsconductor.domain.json_value import Json
from opsconductor.ports.authorizer import Authorizer, Permission

ACTIONS = ("ask", "read", "change", "approve", "import", "manage_tokens", "view_records")


def _who(*roles: Role, tenant: str = "default", disabled: bool = False) -> Identity:
    return Identity(identity_id="id_1", tenant=tenant, name="kim", roles=frozenset(roles), disabled=disabled)


def _may(authorizer: Authorizer, who: Identity, action: str, **facts: Json) -> bool:
    verdict = authorizer.decide(who, Permission(action=action, tenant="default", facts=facts))
    assert verdict.allowed or who.name in verdict.reason
    return verdict.allowed


def nobody_acts_without_a_role_or_in_another_tenant_or_disabled(authorizer: Authorizer) -> None:
    """Whatever the action."""
    for action in ACTIONS:
        facts: dict[str, Json] = {"level": 1, "own_request": True}
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


def an_unknown_action_or_a_fact_that_is_none_is_a_no(authorizer: Authorizer) -> None:
    """Nothing raises."""
    assert not _may(authorizer, _who(*Role), "fly")
    assert not _may(authorizer, _who(*Role), "approve", level="high", own_request="no")


PROMISES: tuple[Callable[[Authorizer], None], ...] = (
    nobody_acts_without_a_role_or_in_another_tenant_or_disabled,
    a_viewer_reads_and_changes_nothing,
    nobody_approves_an_own_change_of_level_two,
    an_unknown_action_or_a_fact_that_is_none_is_a_no,
)
