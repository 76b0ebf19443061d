import json
from pathlib import Path

import pytest

from tests.unit.cli.conftest import Cli

HOSTS = """name,type,platform,environment,services,ip
lin-01,linux_server,linux,staging,billing:9,127.0.0.1
"""


@pytest.fixture
def asked(used: Cli, tmp_path: Path) -> str:
    """The id of an approval that waits: a restart on a host that nothing answers for."""
    file = tmp_path / "hosts.csv"
    file.write_text(HOSTS)
    assert used("assets", "import", "csv", str(file)).code == 0
    done = used("ask", "restart billing on lin-01")
    assert done.code == 3, done
    (line,) = [line for line in done.out.splitlines() if line.startswith("Approve: ")]
    assert "waits for approval" in done.out
    return line.split()[-1]


def test_what_waits_is_listed_and_shown_exactly(used: Cli, asked: str) -> None:
    assert asked in used("approvals", "list").out
    assert asked in used("approvals", "list", "--state", "pending").out
    assert used("approvals", "list", "--state", "rejected").out == "No approvals.\n"
    shown = used("approvals", "show", asked).out
    stored = json.loads(used("approvals", "show", asked, "--json").out)
    for part in (
        "service-restart (idempotent)",
        "lin-01 (staging)",
        stored["plan_hash"],
        'service="billing"',
        "pending",
    ):
        assert part in shown, part
    assert json.loads(used("approvals", "list", "--json").out)[0]["approval_id"] == asked


def test_a_rejected_plan_does_not_run_and_the_answer_says_that(used: Cli, asked: str) -> None:
    done = used("approvals", "reject", asked, "--reason", "not today")
    assert done.code == 7
    assert "nothing was run" in done.out.lower()
    shown = used("approvals", "show", asked).out
    assert "Decided:  reject by requester" in shown
    assert "not today" in shown
    assert "Approve: " not in shown
    again = used("approvals", "approve", asked)
    assert (again.code, "approval.not_pending" in again.err) == (6, True)


def test_an_approved_plan_runs_and_the_answer_says_what_came_of_it(used: Cli, asked: str) -> None:
    done = used("approvals", "approve", asked, "--json")
    reply = json.loads(done.out)
    assert (done.code, reply["kind"]) == (5, "failed")
    assert reply["execution"]["approvals"][0]["who_name"] == "requester"
    assert reply["execution"]["approvals"][0]["how"] == "cli"


def test_a_decision_on_another_plan_is_refused(used: Cli, asked: str) -> None:
    done = used("approvals", "approve", asked, "--plan-hash", "sha256:" + "0" * 64)
    assert (done.code, "approval.hash_mismatch" in done.err) == (6, True)
    assert json.loads(used("approvals", "show", asked, "--json").out)["state"] == "pending"


@pytest.mark.parametrize("command", ["show", "approve", "reject"])
def test_an_unknown_approval_is_not_found(used: Cli, command: str) -> None:
    done = used("approvals", command, "appr_none")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("error approval.not_found: ")


def test_a_state_that_is_none_is_refused(used: Cli) -> None:
    assert used("approvals", "list", "--state", "open").code == 2
