import fcntl
import json
import os
import signal
import socket
import subprocess
from pathlib import Path
from typing import Any

import pytest

from opsconductor.lab.host_programs.processes import start_mark
from opsconductor.lab.surroundings import clean_environment

# Each would leave a file behind if any of it came near a shell, or a path, or a format.
HOSTILE = [
    "billing; touch escaped",
    "$(touch escaped)",
    "`touch escaped`",
    "billing\ntouch escaped",
    "billing && touch escaped",
    "../billing",
    "billing/../billing",
    "-billing",
    "*",
    "%s",
    "",
    " billing",
    "BILLING",
    "\x1b[2Jbilling",
    "bílling",
    "x" * 100_000,
]


def test_a_stopped_service_says_so_and_reading_is_no_failure(box: Any) -> None:
    assert box.answer("svc", "status", "billing") == {
        "service": "billing",
        "running": False,
        "pid": None,
        "started_at": None,
        "version": None,
        "answers": False,
        "port": box.service.port,
    }


@pytest.mark.parametrize("box", ["app-01", "web-01", "db-01"], indirect=True)
def test_start_status_restart_stop(box: Any) -> None:
    name = box.service.name
    started = box.answer("svc", "start", name)
    assert (started["running"], started["answers"], started["changed"]) == (True, True, True)
    assert box.answer("svc", "status", name)["pid"] == started["pid"]
    again = box.answer("svc", "restart", name)
    assert again["previous_pid"] == started["pid"] != again["pid"]
    assert again["started_at"] > started["started_at"]
    stopped = box.answer("svc", "stop", name)
    assert (stopped["running"], stopped["answers"], stopped["previous_pid"]) == (False, False, again["pid"])
    assert start_mark(again["pid"]) is None


def test_starting_or_stopping_twice_changes_nothing_the_second_time(box: Any) -> None:
    first = box.answer("svc", "start", "billing")
    second = box.answer("svc", "start", "billing")
    assert (second["pid"], second["changed"]) == (first["pid"], False)
    box.answer("svc", "stop", "billing")
    assert box.answer("svc", "stop", "billing")["changed"] is False


def test_restart_of_a_stopped_service_starts_it(box: Any) -> None:
    after = box.answer("svc", "restart", "billing")
    assert (after["running"], after["previous_pid"], after["changed"]) == (True, None, True)


def test_a_killed_service_is_seen_as_not_running(box: Any, gone: Any) -> None:
    pid = box.answer("svc", "start", "billing")["pid"]
    os.kill(pid, signal.SIGKILL)
    gone(pid)
    status = box.answer("svc", "status", "billing")
    assert (status["running"], status["pid"], status["answers"]) == (False, None, False)
    assert box.answer("svc", "restart", "billing")["pid"] != pid


def test_a_hung_service_runs_and_does_not_answer(box: Any) -> None:
    pid = box.answer("svc", "start", "billing")["pid"]
    os.kill(pid, signal.SIGSTOP)
    status = box.answer("svc", "status", "billing")
    assert (status["running"], status["pid"], status["answers"]) == (True, pid, False)
    run = box.run("svc", "start", "billing")
    assert run.returncode == 1
    assert "try svc restart" in run.stderr
    os.kill(pid, signal.SIGCONT)


def test_start_takes_over_a_process_that_a_killed_svc_had_only_just_started(box: Any) -> None:
    """It is killed at the first sign of the new process, which cannot answer yet then."""
    command = [str(box.root / "bin" / "svc"), "restart", "billing"]
    record = Path(box.service.run_file("json"))
    with subprocess.Popen(command, stdout=-1, env=clean_environment(box.root)) as killed:
        while not record.exists():
            pass
        killed.kill()
    pid = json.loads(record.read_text())["pid"]
    started = box.answer("svc", "start", "billing")
    assert (started["pid"], started["answers"], started["changed"]) == (pid, True, False)


def test_an_answer_by_somebody_else_on_the_port_is_not_the_services(box: Any) -> None:
    with socket.create_server(("127.0.0.1", box.service.port)):
        assert box.answer("svc", "status", "billing")["answers"] is False
        run = box.run("svc", "start", "billing")
    assert run.returncode == 5
    assert f"port {box.service.port} is taken" in run.stderr
    assert box.answer("svc", "status", "billing")["running"] is False


@pytest.mark.parametrize("verb", ["status", "start", "stop", "restart", "versions", "rollback"])
def test_an_unknown_service_is_refused_with_the_names_there_are(box: Any, verb: str) -> None:
    run = box.run("svc", verb, "nginx")
    assert (run.returncode, run.stdout) == (3, "")
    assert run.stderr == "svc: unknown service 'nginx'; this host runs: billing\n"


def test_a_hostile_name_is_only_ever_refused(box: Any) -> None:
    box.answer("svc", "start", "billing")
    files = sorted(path for path in box.root.rglob("*") if "__pycache__" not in path.parts)
    before = box.answer("svc", "status", "billing")
    for arguments in [["restart", name] for name in HOSTILE] + [["deploy", "billing", name] for name in HOSTILE]:
        run = box.run("svc", *arguments)
        assert run.returncode in (3, 4)
        assert run.stdout == ""
        assert run.stderr.rstrip("\n").isprintable()
    assert box.answer("svc", "status", "billing") == before
    assert sorted(path for path in box.root.rglob("*") if "__pycache__" not in path.parts) == files


@pytest.mark.parametrize(
    "arguments", [[], ["status"], ["status", "billing", "x"], ["reload", "billing"], ["deploy", "billing"], ["--help"]]
)
def test_anything_else_is_a_usage_error(box: Any, arguments: list[str]) -> None:
    run = box.run("svc", *arguments)
    assert run.returncode == 2
    assert run.stderr.startswith("svc: usage: svc status|start")


def test_deploy_switches_the_running_version_and_rollback_takes_it_back(box: Any) -> None:
    box.answer("svc", "start", "billing")
    deployed = box.answer("svc", "deploy", "billing", "2.3")
    assert (deployed["version"], deployed["previous_version"], deployed["answers"]) == ("2.3", "2.2", True)
    assert box.answer("svc", "versions", "billing") == {
        "service": "billing",
        "versions": ["2.2", "2.3", "2.4-broken"],
        "current": "2.3",
        "previous": "2.2",
    }
    assert box.answer("svc", "restart", "billing")["version"] == "2.3"
    assert box.answer("svc", "rollback", "billing")["version"] == "2.2"
    assert box.run("svc", "rollback", "billing").returncode == 1


def test_an_unknown_version_is_refused_and_nothing_restarts(box: Any) -> None:
    before = box.answer("svc", "start", "billing")
    run = box.run("svc", "deploy", "billing", "9.9")
    assert run.returncode == 4
    assert "ready are: 2.2, 2.3" in run.stderr
    assert box.answer("svc", "status", "billing")["pid"] == before["pid"]


def test_a_release_that_calls_itself_something_else_is_not_taken_for_deployed(box: Any) -> None:
    (box.root / "opt/billing/2.3/VERSION").write_text("2.2\n")
    run = box.run("svc", "deploy", "billing", "2.3")
    assert run.returncode == 1
    assert "switched to 2.3 and says it is '2.2'" in run.stderr


def test_a_broken_release_is_deployed_and_does_not_say_what_it_is(box: Any) -> None:
    box.answer("svc", "start", "billing")
    deployed = box.answer("svc", "deploy", "billing", "2.4-broken")
    assert (deployed["running"], deployed["version"], deployed["previous_version"]) == (True, "2.4-broken", "2.2")
    assert box.answer("svc", "deploy", "billing", "2.2")["version"] == "2.2"


def test_a_change_waits_for_the_one_before_and_a_look_does_not(box: Any) -> None:
    box.answer("svc", "start", "billing")
    command = [str(box.root / "bin" / "svc"), "restart", "billing"]
    with Path(box.service.run_file("svc.lock")).open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with subprocess.Popen(command, stdout=-1, text=True, env=clean_environment(box.root)) as waiting:
            assert box.answer("svc", "status", "billing")["running"] is True
            assert waiting.poll() is None
            fcntl.flock(lock, fcntl.LOCK_UN)
            out, _ = waiting.communicate(timeout=20)
    assert '"changed":true' in out
    assert waiting.returncode == 0


def test_many_restarts_at_once_leave_one_process(box: Any, processes_below: Any) -> None:
    command = [str(box.root / "bin" / "svc"), "restart", "billing"]
    running = [subprocess.Popen(command, stdout=-1, env=clean_environment(box.root)) for _ in range(6)]
    assert [child.communicate(timeout=30) and child.returncode for child in running] == [0] * 6
    assert len(processes_below(box.root / "opt")) == 1
