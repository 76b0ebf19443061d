"""The story of the lab: an order is shown, approved, really carried out, and told; a rejected one is not."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from tests.service.conftest import Machine, Server
from tests.service.homes import new_home

ORDER = "restart billing on app-01"


@pytest.fixture(scope="module")
def lab(trained: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    home = new_home(tmp_path_factory.mktemp("lab") / "home", trained)
    with Machine(home=home).serving("--lab") as running:
        yield running


@pytest.fixture(scope="module")
def http(lab: Server) -> Iterator[httpx2.Client]:
    with lab.signed_in() as client:
        yield client


def process_id(http: httpx2.Client, host: str = "app-01") -> int:
    """The process that billing runs as, read from the host itself."""
    reply = http.post("/pipeline", json={"request": f"is billing running on {host}?"}).json()
    assert reply["kind"] == "answer", reply["message"]
    return int(reply["execution"]["output"]["pid"])


def runs(pid: int) -> bool:
    """Whether a process is there and has not merely not been collected by its parent yet."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_four_hosts_are_told_and_counted(lab: Server) -> None:
    hosts = [line.split()[2].rstrip(":") for line in lab.lines if line.startswith("Lab host")]
    assert hosts == ["app-01", "app-02", "web-01", "db-01"]
    assert lab.machine.run("ask", "How many assets do we have?").out == (
        "You have 10 assets in the system:\n- 6 Windows workstations\n- 4 Linux servers\n"
    )


def test_an_order_waits_is_approved_and_the_process_changes(lab: Server, http: httpx2.Client) -> None:
    machine = lab.machine
    before = process_id(http)
    asked = machine.run("ask", ORDER)
    assert asked.code == 3
    approval = re.findall(r"appr_[0-9a-f-]+", asked.out)[0]
    assert f"opsconductor approvals approve {approval}" in asked.out
    assert process_id(http) == before
    shown = machine.run("approvals", "show", approval).out
    for part in ("service-restart", "app-01 (staging)", 'service="billing"', "Risk:     medium", "sha256:"):
        assert part in shown, part
    done = machine.run("approvals", "approve", approval, "--reason", "agreed")
    after = process_id(http)
    assert (done.code, after != before, str(after) in done.out) == (0, True, True)
    again = machine.run("approvals", "approve", approval)
    assert (again.code, process_id(http)) == (6, after)


def test_a_rejected_order_changes_nothing_and_says_so(lab: Server, http: httpx2.Client) -> None:
    machine = lab.machine
    before = process_id(http)
    approval = re.findall(r"appr_[0-9a-f-]+", machine.run("ask", ORDER).out)[0]
    done = machine.run("approvals", "reject", approval, "--reason", "not now")
    assert (done.code, process_id(http)) == (7, before)
    assert "nothing was run" in done.out
    assert "not now" in done.out


def test_in_a_conversation_the_person_decides_at_the_prompt(lab: Server, http: httpx2.Client) -> None:
    machine = lab.machine
    before = process_id(http)
    rejected = machine.run("chat", input=f"{ORDER}\nreject not today\n")
    assert (rejected.code, process_id(http)) == (0, before)
    assert "not today" in rejected.out
    later = machine.run("chat", input=f"{ORDER}\nlater\n")
    assert ("opsconductor approvals approve" in later.out, process_id(http)) == (True, before)
    approved = machine.run("chat", input=f"{ORDER}\nmaybe\napprove\n")
    after = process_id(http)
    assert (approved.code, after != before, str(after) in approved.out) == (0, True, True)
    for part in ("Duration: about 5 s", "Risk:     medium", "Plan:     sha256:"):
        assert part in approved.out, part


def test_over_http_exactly_the_shown_plan_is_run(lab: Server, http: httpx2.Client) -> None:
    asked = http.post("/pipeline", json={"request": "restart billing on app-02"}).json()
    assert asked["requires_approval"] is True
    body = {"approval_id": asked["approval"]["approval_id"], "decision": "approve"}
    wrong = http.post("/pipeline/execute", json={**body, "plan_hash": "sha256:" + "0" * 64}).json()
    assert (wrong["kind"], wrong["execution_result"]) == ("refused", None)
    key = {"Idempotency-Key": "restart-1"}
    right = {**body, "plan_hash": asked["approval"]["plan_hash"]}
    done = http.post("/pipeline/execute", json=right, headers=key)
    assert done.json()["execution_result"]["status"] == "succeeded"
    after = process_id(http, "app-02")
    assert http.post("/pipeline/execute", json=right, headers=key).content == done.content
    assert process_id(http, "app-02") == after


@pytest.mark.parametrize(
    ("order", "code"),
    [
        ("restart billing on app-09", 4),
        ("delete the database on db-01", 6),
    ],
)
def test_what_may_not_or_cannot_be_done_is_not(lab: Server, order: str, code: int) -> None:
    done = lab.machine.run("ask", order, "--json")
    assert (done.code, json.loads(done.out)["execution"]) == (code, None)


@pytest.mark.parametrize("order", ["restart billing on app-01 and app-02", "restart storefront on web-01"])
def test_what_needs_a_second_person_does_not_run_for_the_requester_alone(
    lab: Server, http: httpx2.Client, order: str
) -> None:
    before = process_id(http)
    asked = lab.machine.reply("ask", order)
    assert (asked["kind"], asked["approval"]["level"], asked["execution"]) == ("approval_required", 2, None)
    done = lab.machine.run("approvals", "approve", asked["approval"]["approval_id"])
    assert (done.code, process_id(http)) == (6, before)


def test_a_stopped_server_leaves_no_process_and_no_lab_host_behind(trained: Path, tmp_path: Path) -> None:
    machine = Machine(home=new_home(tmp_path / "home", trained))
    with machine.serving("--lab") as server:
        assert machine.run("assets", "count").out.startswith("10 assets")
        with server.signed_in() as http:
            pids = [process_id(http, host) for host in ("app-01", "app-02")]
    assert not any(runs(pid) for pid in pids)
    with machine.serving():
        assert machine.run("assets", "count").out.startswith("6 assets")
