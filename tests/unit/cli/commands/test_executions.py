import json
from pathlib import Path

import pytest

from opsconductor.cli.commands.executions import outcome_and_identity
from opsconductor.domain.errors import BadInput
from tests.unit.cli.conftest import Cli

HOSTS = """name,type,platform,environment,services,ip
lin-01,linux_server,linux,staging,billing:9,127.0.0.1
"""


@pytest.fixture
def waiting(used: Cli, tmp_path: Path) -> str:
    """An execution that waits for approval: a restart on a host that nothing answers for."""
    file = tmp_path / "hosts.csv"
    file.write_text(HOSTS)
    assert used("assets", "import", "csv", str(file)).code == 0
    return str(json.loads(used("ask", "restart billing on lin-01", "--json").out)["approval"]["execution_id"])


def test_what_waits_is_cancelled_once(used: Cli, waiting: str) -> None:
    done = used("executions", "cancel", waiting, "--reason", "not needed")
    assert (done.code, done.out) == (0, f"Execution {waiting} is cancelled. Nothing was run.\n")
    again = used("executions", "cancel", waiting)
    assert (again.code, again.out) == (2, "")
    assert "execution.not_cancellable" in again.err
    shown = used("executions", "show", waiting).out
    assert "not needed" in shown
    assert json.loads(used("approvals", "list", "--json").out)[0]["state"] == "withdrawn"


def test_what_has_changed_nothing_is_not_undone(used: Cli, waiting: str) -> None:
    done = used("executions", "undo", waiting, "--reason", "a mistake")
    assert done.code == 6
    assert done.out == f"{waiting} is awaiting_approval; only what has ended can be undone. Nothing was run.\n"
    assert "refused execution.not_undoable" in done.err
    (turn, *_) = json.loads(used("turns", "list", "--json").out)
    assert (turn["trigger"], turn["message"]) == ("undo", f"undo {waiting}: a mistake")
    missing = used("executions", "undo", "exec_none", "--json")
    assert (missing.code, missing.out) == (2, "")
    assert "execution.not_found" in missing.err


def test_it_is_told_as_json(used: Cli, waiting: str) -> None:
    assert json.loads(used("executions", "cancel", waiting, "--json").out)["status"] == "cancelled"


def test_only_an_unknown_outcome_is_settled_and_only_by_who_may(used: Cli, waiting: str) -> None:
    refused = used("executions", "resolve", waiting, "--as", "done", "--reason", "looked")
    assert (refused.code, refused.out) == (6, "")
    assert "rights.denied" in refused.err
    assert "another person than the one who ordered it" in refused.err
    without = used("executions", "resolve", waiting, "--reason", "looked")
    assert (without.code, without.out) == (2, "")


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (["done"], ("done", "")),
        (["not-done", "approver"], ("not-done", "approver")),
        (["approver", "done"], ("done", "approver")),
    ],
)
def test_as_says_the_outcome_and_who_acts(said: list[str], told: tuple[str, str]) -> None:
    assert outcome_and_identity(said) == told


@pytest.mark.parametrize("said", [[], ["approver"], ["done", "not-done"], ["done", "ana", "ben"]])
def test_as_without_one_outcome_is_refused(said: list[str]) -> None:
    with pytest.raises(BadInput):
        outcome_and_identity(said)
