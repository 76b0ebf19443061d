import json

import pytest

from tests.unit.cli.conftest import Cli


@pytest.fixture
def turn(used: Cli) -> dict[str, str]:
    reply = json.loads(used("ask", "How many assets do we have?", "--json").out)
    return {"turn": reply["turn_id"], "execution": reply["execution"]["execution_id"], "session": reply["session_id"]}


def test_turns_are_listed_and_shown_with_phases_rules_and_evidence(used: Cli, turn: dict[str, str]) -> None:
    used("ask", "help")
    listed = used("turns", "list").out.splitlines()
    assert listed[0].split() == ["turn", "kind", "started", "message"]
    assert (turn["turn"] in listed[2], len(listed)) == (True, 3)
    assert turn["turn"] in used("turns", "list", "--session", turn["session"]).out
    shown = used("turns", "show", turn["turn"]).out
    for part in ("How many assets do we have?", "6 Windows workstations", "p04_retrieve", "p11_persist", "Evidence: 6"):
        assert part in shown, part
    assert json.loads(used("turns", "show", turn["turn"], "--json").out)["turn_id"] == turn["turn"]
    assert len(json.loads(used("turns", "list", "--json", "--limit", "1").out)) == 1


def test_executions_are_listed_and_shown_with_their_moves(used: Cli, turn: dict[str, str]) -> None:
    assert turn["execution"] in used("executions", "list").out
    shown = used("executions", "show", turn["execution"]).out
    for part in ("succeeded", "How many assets do we have?", "step_1 asset-service-query", "→ succeeded"):
        assert part in shown, part
    assert json.loads(used("executions", "show", turn["execution"], "--json").out)["journal"] is not None
    assert json.loads(used("executions", "list", "--json").out)[0]["execution_id"] == turn["execution"]


def test_what_an_execution_sends_is_shown(used: Cli, turn: dict[str, str]) -> None:
    lines = used("executions", "show", turn["execution"], "--commands").out.splitlines()
    assert lines[0] == "step_1:"
    assert lines[1].startswith("  runs: http: POST http://127.0.0.1:")
    (command,) = json.loads(used("executions", "show", turn["execution"], "--commands", "--json").out)
    assert command["tool"] == "asset-service-query"
    missing = used("executions", "output", f"{turn['execution']}.step_1.1")
    assert (missing.code, missing.out) == (2, "")
    assert "execution.output_not_found: " in missing.err


def test_nothing_yet_is_said(used: Cli) -> None:
    assert used("turns", "list").out == "No turns.\n"
    assert used("executions", "list").out == "No executions.\n"


@pytest.mark.parametrize("what", ["turns", "executions"])
@pytest.mark.parametrize("name", ["none", "'; drop table turns; --", "🐍", ""])
def test_what_there_is_not_is_not_found(used: Cli, what: str, name: str) -> None:
    done = used(what, "show", name)
    assert (done.code, done.out) == (2, "")
    assert ".not_found: " in done.err
