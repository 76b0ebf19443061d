import json
from pathlib import Path

import pytest

from tests.unit.cli.conftest import Cli


def test_tools_are_listed_and_shown(used: Cli) -> None:
    listed = used("tools", "list").out
    assert "service-restart" in listed
    assert "idempotent" in listed
    names = [one["name"] for one in json.loads(used("tools", "list", "--json").out)]
    assert names == sorted(names)
    shown = used("tools", "show", "service-restart").out
    for part in ("effect", "idempotent", "host", "asset", "yes", "Checks ", "Say: "):
        assert part in shown, part
    assert json.loads(used("tools", "show", "service-restart", "--json").out)["name"] == "service-restart"


def test_the_level_of_a_very_call_is_explained_and_nothing_is_run(used: Cli, tmp_path: Path) -> None:
    rows = tmp_path / "hosts.csv"
    rows.write_text("name,type,platform,environment\ndb-07,linux_server,linux,production\n", "utf-8")
    assert used("assets", "import", "csv", str(rows)).code == 0
    shown = used("tools", "show", "service-deploy").out
    assert 'Risk high when input.service.endsWith("-db"): a database is deployed' in shown
    done = used("tools", "show", "service-deploy", "--target", "db-07", "--input", "service=ledger-db")
    assert done.code == 0, done.err
    for line in (
        'service-deploy on db-07 (production) with service="ledger-db", host="db-07". Nothing was run.',
        "Missing: version",
        "  effect: medium, because its effect is compensatable",
        "  rule: high, because service-deploy: a database is deployed",
        "  environment: high, because production is changed in a way that needs an undo",
        "Risk:  high",
        "Level: 2, another person approves it",
    ):
        assert line in done.out.splitlines(), done.out
    found = json.loads(used("tools", "show", "http-check", "--input", "url=http://example.com/", "--json").out)
    assert (found["risk"], found["level"], found["outcome"]) == ("low", 1, "approve")
    assert found["reasons"] == ["the address is not in the inventory"]
    read = json.loads(used("tools", "show", "asset-service-query", "--input", "limit=5", "--json").out)
    assert (read["inputs"]["limit"], read["level"], read["outcome"]) == (5, 0, "run")
    assert json.loads(used("executions", "list", "--json").out) == []
    assert json.loads(used("approvals", "list", "--json").out) == []


@pytest.mark.parametrize(
    ("arguments", "code", "error"),
    [
        (("service-deploy", "--target", "nowhere"), 5, "gate.no_target_matched"),
        (("service-deploy", "--input", "version=2.3"), 6, "gate.empty_selector"),
        (("service-deploy", "--target", "WS-01", "--input", "version=2.3"), 6, "scope.no_tool"),
        (("service-deploy", "--target", "WS-01", "--input", "version"), 2, "request.invalid"),
        (("service-deploy", "--target", "WS-01", "--input", "version=-x"), 2, "request.invalid"),
        (("service-deploy", "--target", "WS-01", "--input", "colour=red"), 2, "request.invalid"),
        (("asset-service-query", "--input", "limit=many"), 2, "request.invalid"),
        (("asset-service-query", "--target", "WS-01"), 2, "request.invalid"),
        (("http-check", "--input", "url=http://169.254.169.254/"), 6, "connector.forbidden_address"),
        (("rm", "--input", "a=b"), 2, "tool.not_found"),
    ],
)
def test_a_call_that_cannot_be_is_told(used: Cli, arguments: tuple[str, ...], code: int, error: str) -> None:
    done = used("tools", "show", *arguments)
    assert done.err.startswith(f"error {error}:"), done.err
    assert (done.code, done.out) == (code, "")


def test_an_unknown_tool_is_not_found(used: Cli) -> None:
    done = used("tools", "show", "rm")
    assert (done.code, done.err.split(":")[0]) == (2, "error tool.not_found")


def test_the_tools_in_use_are_checked(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert cli("tools", "check").code == 0
    assert cli("pack", "init", str(tmp_path / "mine")).code == 0
    tool = tmp_path / "mine" / "tools" / "disk-usage.yaml"
    tool.write_text(tool.read_text("utf-8").replace("effect: read", "effect: reed"), "utf-8")
    monkeypatch.setenv("OPSCONDUCTOR_PACK", str(tmp_path / "mine"))
    done = cli("tools", "check")
    assert done.code == 2
    assert done.err.startswith("tools/disk-usage.yaml:")
    asked = cli("ask", "How many assets do we have?")
    assert (asked.code, asked.out) == (2, "")
    assert asked.err.splitlines()[-1].startswith("error pack.invalid: tools/disk-usage.yaml:")
