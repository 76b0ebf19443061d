import io
import sys

import pytest

from opsconductor.cli.commands.chat import _until_left
from tests.unit.cli.conftest import Cli


def test_lines_from_a_pipe_are_answered(used: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("How many assets do we have?\n\nmake me a sandwich\n"))
    done = used("chat")
    assert done.code == 0
    assert done.out.startswith("You have 6 assets in the system:\n- 6 Windows workstations\n")
    assert "refused scope.out_of_scope" in done.err


def test_nothing_to_say_leaves_cleanly(used: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    done = used("chat")
    assert (done.code, done.out, done.err) == (0, "", "")


def test_ctrl_c_leaves_cleanly(capsys: pytest.CaptureFixture[str]) -> None:
    class Conversation:
        def run(self) -> None:
            raise KeyboardInterrupt

    assert _until_left(Conversation()) == 0  # type: ignore[arg-type]
    assert capsys.readouterr().err == ""


def test_acting_as_somebody_needs_their_token(used: Cli) -> None:
    done = used("chat", "--as", "approver")
    assert (done.code, done.err.split(":")[0]) == (6, "error identity.required")
