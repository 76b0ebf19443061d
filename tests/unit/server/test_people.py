"""Administrators make people, grant and disable them, and switch self-approval; each change is audited."""

import pytest

from opsconductor.domain.errors import OpsConductorError
from opsconductor.server.people import People
from tests.unit.server.conftest import Door

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def people_of(door: Door, name: str = "requester") -> People:
    return People(door.engine, await door.identity(name))


async def code_of(coming: object) -> str:
    with pytest.raises(OpsConductorError) as refused:
        await coming  # type: ignore[misc]
    return refused.value.code


async def actions(door: Door) -> list[str]:
    return [row.entry.action for row in await door.engine.storage.audit("default", limit=10_000)]


async def test_a_new_person_has_its_roles_and_stands_in_the_audit(door: Door) -> None:
    people = await people_of(door)
    made = await people.create("ana", ("approver", "viewer"), "human")
    assert (made["name"], made["roles"], made["disabled"]) == ("ana", ["approver", "viewer"], False)
    stored = await door.engine.storage.identity("default", "ana")
    assert stored is not None
    assert stored.identity_id == made["identity_id"]
    assert "identity.created" in await actions(door)
    assert await code_of(people.create("ana", ("viewer",), "human")) == "store.conflict"


async def test_roles_come_and_go_and_the_disabled_come_back(door: Door) -> None:
    people = await people_of(door)
    await people.create("ben", ("viewer",), "agent")
    assert (await people.grant("ben", ("approver",), revoke=False))["roles"] == ["approver", "viewer"]
    assert (await people.grant("ben", ("viewer",), revoke=True))["roles"] == ["approver"]
    assert (await people.disable("ben"))["disabled"] is True
    assert (await people.disable("ben", enable=True))["disabled"] is False
    done = await actions(door)
    assert {"identity.granted", "identity.revoked", "identity.disabled", "identity.enabled"} <= set(done)


async def test_there_is_always_an_administrator(door: Door) -> None:
    people = await people_of(door)
    assert await code_of(people.disable("requester")) == "request.invalid"
    assert await code_of(people.grant("requester", ("admin",), revoke=True)) == "request.invalid"


async def test_what_cannot_be_is_refused(door: Door) -> None:
    people = await people_of(door)
    for name, roles, kind in (("", ("viewer",), "human"), ("x", (), "human"), ("x", ("boss",), "human")):
        assert await code_of(people.create(name, roles, kind)) == "request.invalid"
    assert await code_of(people.create("x", ("viewer",), "cat")) == "request.invalid"
    assert await code_of(people.grant("nobody", ("viewer",), revoke=False)) == "request.not_found"


async def test_self_approval_is_changed_with_a_reason_and_recorded(door: Door) -> None:
    people = await people_of(door)
    assert await people.self_approval(None, "") == {"self_approval": False}
    assert await code_of(people.self_approval(True, " ")) == "approval.reason_needed"
    assert await people.self_approval(True, "alone here") == {"self_approval": True}
    assert await people.self_approval(True, "") == {"self_approval": True}
    assert (await actions(door)).count("settings.self_approval") == 1
    assert await people.self_approval(False, "not alone any more") == {"self_approval": False}


async def test_only_administrators(door: Door) -> None:
    approver = await people_of(door, "approver")
    for coming in (
        approver.identities(),
        approver.create("x", ("viewer",), "human"),
        approver.grant("approver", ("admin",), revoke=False),
        approver.disable("requester"),
        approver.self_approval(None, ""),
    ):
        assert await code_of(coming) == "rights.denied"
