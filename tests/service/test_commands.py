"""Commands as a shell starts them: the answer alone on standard output, one line for an error, the right exit code."""

import json
import os
import signal
import subprocess
from pathlib import Path

import pytest

from tests.service.conftest import LONGEST_S, PROGRAM, Machine

QUESTION = "How many assets do we have?"
ANSWER = "You have 6 assets in the system:\n- 6 Windows workstations\n"


def test_the_first_question_of_a_fresh_home(machine: Machine) -> None:
    done = machine.run("ask", QUESTION, "--json")
    reply = json.loads(done.out)
    assert (done.code, reply["kind"], reply["execution"]["status"]) == (0, "answer", "succeeded")
    assert done.err.startswith("New home. ")
    assert done.err.count("\n") == 1
    assert (machine.home.stat().st_mode & 0o777, (machine.home / "opsconductor.db").stat().st_mode & 0o777) == (
        0o700,
        0o600,
    )
    secret = done.err.split()[-1]
    asked = machine.run("approvals", "list", "--as", "approver", OPSCONDUCTOR_TOKEN=secret)
    assert (asked.code, asked.out) == (0, "No approvals.\n")


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["ask", ""], "request.empty"),
        (["ask", "x" * 70_000], "request.too_large"),
        (["ask"], "request.invalid"),
        (["ask", "a", "b"], "request.invalid"),
        (["assets", "import", "xml", "f"], "request.invalid"),
        (["pack", "check", "/does/not/exist"], "pack.not_found"),
    ],
)
def test_what_cannot_be_taken_is_refused_with_exit_code_2(machine: Machine, arguments: list[str], error: str) -> None:
    done = machine.run(*arguments)
    assert (done.code, done.out, done.error) == (2, "", error)
    assert done.err.count("\n") == 1


def test_help_costs_little(machine: Machine) -> None:
    import resource

    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert machine.run("--help").code == 0
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime <= 0.3


def test_bytes_that_are_no_text_are_refused(machine: Machine) -> None:
    for given in ([b"\xff\xfe"], [b"-"]):
        done = subprocess.run(
            [os.fsencode(PROGRAM), b"ask", *given],
            env=machine.variables,
            input=b"nul \x00 byte",
            capture_output=True,
            timeout=LONGEST_S,
            check=False,
        )
        assert (done.returncode, done.stdout) == (2, b"")
        assert done.stderr.startswith(b"error request.bad_text: ")


def test_two_questions_at_once_lose_and_mix_nothing(machine: Machine) -> None:
    assert machine.run("ask", "help").code == 0
    both = [machine.start("ask", text, "--json") for text in (QUESTION, "show me WS-03")]
    replies = [json.loads(one.communicate(timeout=LONGEST_S)[0]) for one in both]
    assert [reply["kind"] for reply in replies] == ["answer", "answer"]
    assert replies[0]["message"] + "\n" == ANSWER
    assert "WS-03" in replies[1]["message"]
    turns = json.loads(machine.run("turns", "list", "--json").out)
    assert {turn["message"] for turn in turns} == {"help", QUESTION, "show me WS-03"}


def test_a_reader_that_has_gone_is_no_fault(machine: Machine) -> None:
    done = subprocess.run(
        ["bash", "-c", f"{PROGRAM} tools list --json | head -c 1; echo $PIPESTATUS"],
        env=machine.variables,
        capture_output=True,
        text=True,
        timeout=LONGEST_S,
        check=False,
    )
    assert "Traceback" not in done.stderr
    assert "BrokenPipe" not in done.stderr


def test_a_terminal_of_another_encoding_breaks_nothing(machine: Machine) -> None:
    done = machine.run("ask", "показать 日本", PYTHONIOENCODING="ascii", PYTHONUTF8="0", LC_ALL="C")
    assert done.code in (4, 6)
    assert done.out.isascii()


def test_ctrl_c_ends_a_command_without_a_traceback(machine: Machine) -> None:
    process = machine.start("chat")
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("help\n")
    process.stdin.flush()
    assert process.stdout.readline()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=LONGEST_S)
    assert process.returncode == 0, err
    assert "Traceback" not in out + err


def test_a_conversation_from_a_pipe(machine: Machine) -> None:
    done = machine.run("chat", input=f"{QUESTION}\nmake me a sandwich\n\n/quit\nnever\n")
    assert done.code == 0
    assert done.out.startswith(ANSWER)
    assert "nothing was run" in done.out
    assert "never" not in done.out


def test_a_conversation_at_a_terminal_shows_phases_and_ends_with_ctrl_d(machine: Machine) -> None:
    ours, theirs = os.openpty()
    environment = machine.variables | {"TERM": "xterm-256color", "COLUMNS": "100"}
    environment.pop("NO_COLOR")
    with subprocess.Popen([PROGRAM, "chat"], env=environment, stdin=theirs, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        try:
            seen = read_until(ours, "you> ")
            assert "Ask a question" in seen
            os.write(ours, f"{QUESTION}\n".encode())
            seen = read_until(ours, "you> ")
            os.write(ours, b"\x04")
            assert process.wait(timeout=LONGEST_S) == 0
        finally:
            os.close(ours)
    assert "You have 6 assets in the system:" in seen
    assert "P4 " in seen
    assert "Traceback" not in seen


def read_until(descriptor: int, words: str) -> str:
    """What a terminal shows until these words come; an end before that is the end."""
    seen = ""
    while words not in seen:
        seen += os.read(descriptor, 65_536).decode("utf-8", "replace")
    return seen


@pytest.mark.parametrize("damage", ["corrupt", "newer", "read_only", "full", "home_is_a_file"])
def test_a_store_that_cannot_be_used_is_one_clear_error(machine: Machine, damage: str, tmp_path: Path) -> None:
    database = machine.home / "opsconductor.db"
    environment: dict[str, str] = {}
    if damage == "corrupt":
        database.write_bytes(b"this is no database " * 500)
    elif damage == "newer":
        assert machine.run("assets", "count").code == 0
        import sqlite3

        connection = sqlite3.connect(database)
        (table,) = [
            name
            for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type='table'")
            if "migr" in name
        ]
        columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
        row = list(connection.execute(f"SELECT * FROM {table} LIMIT 1").fetchone())
        row[0] = 9999
        connection.execute(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(row))})", row)
        connection.commit()
        connection.close()
    elif damage == "read_only":
        environment["OPSCONDUCTOR_DATABASE_URL"] = "sqlite:///proc/opsconductor.db"
    elif damage == "full":
        environment["OPSCONDUCTOR_DATABASE_URL"] = "sqlite:///dev/full"
    else:
        (tmp_path / "file").touch()
        environment["OPSCONDUCTOR_HOME"] = str(tmp_path / "file")
    done = machine.run("ask", QUESTION, **environment)
    assert (done.code, done.out) == (1, "")
    assert done.error.startswith(("store.", "home."))


def test_a_database_that_another_process_holds_is_told(machine: Machine) -> None:
    assert machine.run("assets", "count").code == 0
    import sqlite3

    with sqlite3.connect(machine.home / "opsconductor.db", isolation_level=None) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        done = machine.run("ask", QUESTION)
    assert (done.code, done.out, done.error) == (1, "", "store.locked")
    assert machine.run("ask", QUESTION).out == ANSWER


def test_an_installation_is_examined(machine: Machine) -> None:
    done = machine.run("doctor")
    assert (done.code, done.err) == (0, "")
    assert "FAULT" not in done.out


def test_the_inventory_alone_answers_who_holds_a_token(machine: Machine) -> None:
    import httpx2

    assert machine.run("assets", "count").code == 0
    token = machine.run("tokens", "create").out.strip()
    process = machine.start("asset-service", "--port", "0")
    try:
        assert process.stdout is not None
        address = process.stdout.readline().split()[-1]
        query = {"query_type": "count", "filters": {}}
        with httpx2.Client(base_url=address, trust_env=False) as http:
            assert http.post("/query", json=query).status_code == 401
            answer = http.post("/query", json=query, headers={"Authorization": f"Bearer {token}"}).json()
        assert answer == {"success": True, "total_count": 6, "breakdown": {"windows_workstation": 6}}
    finally:
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=LONGEST_S)
    assert (process.returncode, err) == (0, "")
