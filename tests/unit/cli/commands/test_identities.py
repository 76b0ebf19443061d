import json

import pytest

from tests.unit.cli.conftest import Cli


def roles(used: Cli, name: str) -> list[str]:
    (found,) = [one for one in json.loads(used("identities", "list", "--json").out) if one["name"] == name]
    return [*found["roles"], *(["disabled"] if found["disabled"] else [])]


def test_people_are_made_granted_and_disabled(used: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    made = used("identities", "create", "ana", "--role", "approver")
    assert made.out == "ana (human): approver\n"
    assert "opsconductor tokens create ana" in made.err
    assert "ana" in used("identities", "list").out
    used("identities", "grant", "ana", "--role", "viewer")
    assert roles(used, "ana") == ["approver", "viewer"]
    used("identities", "grant", "ana", "--role", "approver", "--revoke")
    assert roles(used, "ana") == ["viewer"]
    monkeypatch.setenv("OPSCONDUCTOR_TOKEN", used("tokens", "create", "ana").out.strip())
    assert used("tools", "list", "--as", "ana").code == 0
    assert used("identities", "list", "--as", "ana").code == 6
    used("identities", "disable", "ana")
    assert roles(used, "ana") == ["viewer", "disabled"]
    assert used("tools", "list", "--as", "ana").code == 6
    used("identities", "disable", "ana", "--enable")
    assert used("tools", "list", "--as", "ana").code == 0


def test_self_approval_is_off_until_an_administrator_says_why(used: Cli) -> None:
    assert used("identities", "self-approval").out == "Self-approval is off.\n"
    assert used("identities", "self-approval", "on").code == 2
    assert used("identities", "self-approval", "maybe").code == 2
    assert used("identities", "self-approval", "on", "--reason", "alone here").out == "Self-approval is on.\n"
    assert json.loads(used("identities", "self-approval", "--json").out) == {"self_approval": True}


@pytest.mark.parametrize(
    "arguments",
    [
        ("create", "ana", "--role", "boss"),
        ("create", "two words", "--role", "viewer"),
        ("create", "approver", "--role", "viewer"),
        ("create", "ana", "--role", "viewer", "--kind", "cat"),
        ("grant", "nobody", "--role", "viewer"),
        ("grant", "requester", "--role", "admin", "--revoke"),
        ("disable", "requester"),
    ],
)
def test_what_cannot_be_is_refused(used: Cli, arguments: tuple[str, ...]) -> None:
    done = used("identities", *arguments)
    assert done.code in (1, 2), done
    assert roles(used, "requester") == ["admin", "requester"]
