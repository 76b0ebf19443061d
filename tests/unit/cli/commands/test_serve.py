import logging
import socket
import sys
from collections.abc import Iterator

import pytest
import structlog

from opsconductor.bootstrap import FirstStart
from opsconductor.cli.commands.serve import announce, loop_factory
from opsconductor.domain.response import ReplyKind
from opsconductor.domain.turn import TurnReply
from opsconductor.server.serving import Started
from tests.unit.cli.conftest import Cli


@pytest.fixture(autouse=True)
def own_logging() -> Iterator[None]:
    root = logging.getLogger()
    before = root.handlers[:], root.level
    yield
    root.handlers[:], level = before
    root.setLevel(level)
    structlog.reset_defaults()


def test_the_address_and_the_link_are_told_on_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    reply = TurnReply(turn_id="turn_1", session_id="s", kind=ReplyKind.UNKNOWN, message="Unknown.")
    started = Started(
        address="http://127.0.0.1:3005",
        sign_in_url="http://127.0.0.1:3005/sign-in?token=opsc_x",
        lab_hosts=(("app-01", "127.0.0.1:2222"),),
        first_start=FirstStart(requester="requester", approver="approver", approver_token="opsc_y"),
        recovered=(reply,),
    )
    announce(started)
    told = capsys.readouterr()
    assert told.out.splitlines() == [
        "OpsConductor serves http://127.0.0.1:3005",
        "Sign in (once, within ten minutes): http://127.0.0.1:3005/sign-in?token=opsc_x",
        "Lab host app-01: 127.0.0.1:2222",
        "Stop with Ctrl-C.",
    ]
    assert [line.split()[0] for line in told.err.splitlines()] == ["New", "Recovered"]


def test_a_port_in_use_is_one_line_and_exit_code_1(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        done = cli("serve", "--port", str(port))
        assert (done.code, done.out) == (1, "")
        assert done.err == (
            f"error server.port_in_use: Port {port} on 127.0.0.1 is in use. "
            "Next: Stop the other program, or choose another --port or OPSCONDUCTOR_ASSET_SERVICE_PORT.\n"
        )
        monkeypatch.setenv("OPSCONDUCTOR_ASSET_SERVICE_PORT", str(port))
        assert cli("serve", "--port", "0").err.startswith("error server.port_in_use: ")


def test_without_a_port_the_setting_counts(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        monkeypatch.setenv("OPSCONDUCTOR_PORT", str(other.getsockname()[1]))
        assert cli("serve").err.startswith(f"error server.port_in_use: Port {other.getsockname()[1]} ")


def test_the_quicker_loop_is_used_where_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    factory = loop_factory()
    assert factory is not None
    assert factory.__module__ == "uvloop"
    monkeypatch.setitem(sys.modules, "uvloop", None)
    assert loop_factory() is None


@pytest.mark.parametrize("port", ["-2", "65536", "http"])
def test_a_port_that_is_none_is_wrong_usage(cli: Cli, port: str) -> None:
    assert cli("serve", "--port", port).code == 2


def test_a_log_level_that_is_none_is_told(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPSCONDUCTOR_LOG_LEVEL", "loud")
    done = cli("serve", "--port", "0")
    assert (done.code, done.err.split(":")[0]) == (2, "error settings.invalid")
