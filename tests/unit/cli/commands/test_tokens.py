import json

import pytest

from tests.unit.cli.conftest import Cli


def test_the_token_stands_alone_on_standard_output_and_works(used: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    done = used("tokens", "create", "approver", "--label", "robot")
    assert done.err == ""
    assert done.out.startswith("opsc_")
    assert done.out.count("\n") == 1
    monkeypatch.setenv("OPSCONDUCTOR_TOKEN", done.out.strip())
    assert used("approvals", "list", "--as", "approver").code == 0
    assert used("assets", "import", "csv", "/x", "--as", "approver").code == 6


def test_tokens_are_listed_without_secrets_and_revoked(used: Cli) -> None:
    secret = used("tokens", "create", "--label", "robot", "--days", "0").out.strip()
    listed = json.loads(used("tokens", "list", "--json").out)
    (mine,) = [one for one in listed if one["label"] == "robot"]
    assert (mine["identity"], mine["expires_at"]) == ("requester", None)
    table = used("tokens", "list").out
    assert "robot" in table
    assert secret not in table + str(listed)
    assert used("tokens", "revoke", mine["token_id"]).out == f"{mine['token_id']} is revoked.\n"
    assert used("tokens", "revoke", mine["token_id"]).code == 1
    assert used("tokens", "revoke", "tok_none").code == 2


def test_a_token_for_nobody_is_refused(used: Cli) -> None:
    done = used("tokens", "create", "nobody")
    assert (done.code, done.out) == (2, "")
    assert "requester" in done.err


def test_a_sign_in_link_needs_a_running_server(used: Cli) -> None:
    done = used("tokens", "create", "--sign-in")
    assert (done.code, done.out, done.err.split(":")[0]) == (1, "", "error server.unreachable")
