import io
import json
import os
import sys
from pathlib import Path

import pytest

from opsconductor.cli import main as edge
from opsconductor.cli.main import BROKEN_PIPE, INTERRUPTED, run, told_as
from opsconductor.domain.errors import OpsConductorError, Unavailable
from tests.unit.cli.conftest import Cli


def raising(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    def application() -> object:
        def command(**_: object) -> None:
            raise error

        return command

    monkeypatch.setattr(edge, "create_application", application)


def test_help_is_no_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--help"]) == 0
    assert "ask" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [["ask"], ["nope"], ["ask", "a", "--nope"], ["turns", "list", "--limit", "0"], ["approvals", "approve"]],
)
def test_wrong_usage_is_one_line_and_exit_code_2(cli: Cli, arguments: list[str]) -> None:
    done = cli(*arguments)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("error request.invalid: ")
    assert "--help" in done.err
    assert done.err.count("\n") == 1


def test_an_error_of_ours_has_its_own_exit_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    raising(monkeypatch, Unavailable("connector.unreachable", "No answer."))
    assert run([]) == 5
    assert capsys.readouterr().err.startswith("error connector.unreachable: No answer. Next: ")


def test_a_fault_of_ours_is_one_line_with_a_reference_that_the_log_knows(
    fresh: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    raising(monkeypatch, ZeroDivisionError("secret words"))
    assert run([]) == 1
    told = capsys.readouterr().err
    assert told.startswith("error internal.fault: ")
    assert "secret words" not in told
    assert told.count("\n") == 1
    line = json.loads((fresh / "logs" / "faults.jsonl").read_text().splitlines()[-1])
    assert line["reference"] in told
    assert line["fault"] == "ZeroDivisionError"


def test_without_a_home_a_fault_is_still_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("OPSCONDUCTOR_HOME", str(tmp_path / "file"))
    assert "the log cannot be written" in told_as(ValueError("x")).message


def test_ctrl_c_leaves_quietly(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    raising(monkeypatch, KeyboardInterrupt())
    assert run([]) == INTERRUPTED
    assert capsys.readouterr().err == ""


def test_a_group_of_one_error_is_that_error() -> None:
    inner = Unavailable("store.locked", "Locked.")
    assert told_as(ExceptionGroup("tasks", [ExceptionGroup("inner", [inner])])) is inner
    both = ExceptionGroup("tasks", [inner, ValueError("x")])
    assert told_as(both).code == "internal.fault"


def test_a_reader_that_has_gone_is_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    read, write = os.pipe()
    os.close(read)
    with open(write, "w", encoding="utf-8") as gone:
        monkeypatch.setattr(sys, "stdout", gone)
        raising(monkeypatch, BrokenPipeError())
        assert run([]) == BROKEN_PIPE


def test_the_exit_code_is_what_the_command_returns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    for returned, code in ((None, 0), (3, 3), ("text", 0)):
        monkeypatch.setattr(edge, "create_application", lambda returned=returned: lambda **_: returned)
        assert run([]) == code


@pytest.mark.parametrize(("ending", "code"), [(None, 0), (4, 4), ("words", 1)])
def test_a_library_that_ends_the_process_is_heard(monkeypatch: pytest.MonkeyPatch, ending: object, code: int) -> None:
    raising(monkeypatch, SystemExit(ending))
    assert run([]) == code


def test_our_errors_stay_what_they_are() -> None:
    error = OpsConductorError("store.full", "Full.")
    assert told_as(error) is error
