import json
import os
import select
import signal
import subprocess
from pathlib import Path
from typing import Any

from opsconductor.lab.host_programs.processes import start_mark
from opsconductor.lab.host_programs.service_process import running
from opsconductor.lab.surroundings import clean_environment


def test_a_record_without_its_process_is_not_running(box: Any) -> None:
    for content in ("", "{", "{}", "[]", '{"pid": "x", "mark": "m", "version": "1", "started_at": "t"}'):
        Path(box.service.run_file("json")).write_text(content)
        assert running(box.service) is None


def test_a_pid_that_belongs_to_another_process_by_now_is_neither_running_nor_stopped(box: Any) -> None:
    """This test's own process stands for the stranger: were the mark not compared, `stop` would end it."""
    record = {"pid": os.getpid(), "mark": "of an earlier process", "version": "2.2", "started_at": "long ago"}
    Path(box.service.run_file("json")).write_text(json.dumps(record))
    assert box.answer("svc", "status", "billing")["running"] is False
    assert box.answer("svc", "stop", "billing")["changed"] is False
    assert not os.path.exists(box.service.run_file("json"))


def test_a_service_whose_record_is_lost_is_not_started_twice(box: Any) -> None:
    """As when svc dies at the wrong moment: the lock, not the file, says that there is one."""
    first = box.answer("svc", "start", "billing")
    record = Path(box.service.run_file("json"))
    saved = record.read_text()
    record.unlink()
    run = box.run("svc", "start", "billing")
    assert run.returncode == 1
    assert "is not on file" in run.stderr
    assert start_mark(first["pid"]) is not None
    record.write_text(saved)
    assert box.answer("svc", "status", "billing")["pid"] == first["pid"]


def test_the_service_outlives_svc_in_a_session_of_its_own_and_holds_no_file_of_its_caller(box: Any) -> None:
    reader, writer = os.pipe()
    subprocess.run(
        [str(box.root / "bin" / "svc"), "start", "billing"],
        pass_fds=[writer],
        check=True,
        stdout=subprocess.DEVNULL,
        env=clean_environment(box.root),
    )
    os.close(writer)
    pid = box.answer("svc", "status", "billing")["pid"]
    assert os.getsid(pid) == pid
    assert select.select([reader], [], [], 0)[0] == [reader]
    assert os.read(reader, 1) == b""
    os.close(reader)


def test_its_words_go_to_a_log_for_its_owner_alone(box: Any) -> None:
    box.answer("svc", "start", "billing")
    log = Path(box.service.log)
    assert "billing 2.2 listens on port" in log.read_text()
    assert log.stat().st_mode & 0o777 == 0o600


def test_a_long_log_is_put_aside_at_the_next_start(box: Any) -> None:
    Path(box.service.log).write_bytes(b"x" * 1_048_577)
    box.answer("svc", "start", "billing")
    assert Path(box.service.log + ".1").stat().st_size == 1_048_577
    assert Path(box.service.log).stat().st_size < 1000


def test_a_release_that_ends_at_once_is_told_with_its_last_words(box: Any) -> None:
    (box.root / "opt/billing/2.3/server.py").write_text("raise SystemExit('the ledger is missing')\n")
    run = box.run("svc", "deploy", "billing", "2.3")
    assert run.returncode == 1
    assert "ended at once with status 1; last words: 'the ledger is missing'" in run.stderr
    status = box.answer("svc", "status", "billing")
    assert (status["running"], status["answers"], status["pid"]) == (False, False, None)


def test_a_deaf_service_is_killed_by_a_restart(box: Any) -> None:
    pid = box.answer("svc", "start", "billing")["pid"]
    os.kill(pid, signal.SIGSTOP)
    after = box.answer("svc", "restart", "billing")
    assert after["answers"] is True
    assert start_mark(pid) is None
