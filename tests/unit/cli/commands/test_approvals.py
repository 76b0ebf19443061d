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


def test_an_edited_plan_is_a_new_one_and_the_old_one_is_void(used: Cli, asked: str) -> None:
    done = used("approvals", "edit", asked, "--set", "step_1.service=ledger", "--reason", "wrong service")
    assert (done.code, "ledger" in done.out) == (3, True), done
    (new,) = [line.split()[-1] for line in done.out.splitlines() if line.startswith("Approve: ")]
    assert f"It replaces {asked}, which is withdrawn." in done.out
    assert used("approvals", "approve", asked).code == 6
    stored = json.loads(used("approvals", "show", new, "--json").out)
    assert stored["envelope"]["steps"][0]["arguments"]["service"] == "ledger"
    assert json.loads(used("approvals", "show", asked, "--json").out)["state"] == "withdrawn"


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("service=ledger", "STEP.INPUT=VALUE"),
        ("step_9.service=ledger", "step_1"),
        ("step_1.speed=9", "has no input speed"),
        ("step_1.service=-rf", "step_1.service"),
        ("step_1.service=billing", "nothing was changed"),
        ("step_1.host=nowhere", "no asset of the inventory"),
    ],
)
def test_an_edit_that_makes_no_sound_plan_leaves_the_old_one_waiting(
    used: Cli, asked: str, setting: str, words: str
) -> None:
    done = used("approvals", "edit", asked, "--set", setting)
    assert done.code in (2, 5), done
    assert words in done.out + done.err
    assert json.loads(used("approvals", "show", asked, "--json").out)["state"] == "pending"


def test_a_plan_is_sent_back_with_a_reason_and_edited(used: Cli, asked: str) -> None:
    assert used("approvals", "request-changes", asked).code == 2
    done = used("approvals", "request-changes", asked, "--reason", "not at noon")
    assert (done.code, "not at noon" in done.out) == (3, True), done
    assert f"opsconductor approvals edit {asked}" in done.out
    refused = used("approvals", "approve", asked)
    assert (refused.code, "approval.changes_requested" in refused.err) == (6, True)
    assert used("approvals", "edit", asked, "--set", "step_1.service=ledger").code == 3


def test_the_same_order_is_not_asked_for_twice(used: Cli, asked: str) -> None:
    again = used("ask", "please restart billing on lin-01")
    assert (again.code, asked in again.out) == (3, True), again
    assert "no second one was made" in again.out
    assert len(json.loads(used("approvals", "list", "--json").out)) == 1


def test_an_approval_without_the_second_person_owes_a_review_by_somebody_else(
    used: Cli, asked: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert used("approvals", "approve", asked, "--break-glass").code == 2
    refused = used("approvals", "approve", asked, "--break-glass", "--reason", "it burns")
    assert (refused.code, "opsconductor identities grant requester --role break_glass" in refused.out) == (6, True)
    assert used("identities", "grant", "requester", "--role", "break_glass").code == 0
    done = used("approvals", "approve", asked, "--break-glass", "--reason", "it burns")
    assert done.code == 5
    assert f"opsconductor approvals review {asked}" in done.out
    assert asked in used("approvals", "list", "--reviews").out
    assert "Reviews due: 1" in used("approvals", "list").err
    assert "1 approval owes a review" in used("doctor").out
    assert used("approvals", "review", asked, "--reason", "fine").code == 6
    monkeypatch.setenv("OPSCONDUCTOR_TOKEN", used("tokens", "create", "approver").out.strip())
    assert used("approvals", "review", asked, "--as", "approver").code == 2
    reviewed = used("approvals", "review", asked, "--reason", "it did not burn", "--disagree", "--as", "approver")
    assert (reviewed.code, "approver disagrees" in reviewed.out) == (0, True), reviewed
    assert used("approvals", "list", "--reviews").out == "No reviews are due.\n"
    assert "Reviewed: approver disagrees" in used("approvals", "show", asked).out
    assert used("approvals", "review", asked, "--reason", "again", "--as", "approver").code == 2


@pytest.mark.parametrize("command", ["show", "approve", "reject"])
def test_an_unknown_approval_is_not_found(used: Cli, command: str) -> None:
    done = used("approvals", command, "appr_none")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("error approval.not_found: ")


def test_a_state_that_is_none_is_refused(used: Cli) -> None:
    assert used("approvals", "list", "--state", "open").code == 2
