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
