import socket

import pytest

from opsconductor.bootstrap import FirstStart
from opsconductor.cli.commands.asset_service import announce
from tests.unit.cli.conftest import Cli


def test_the_address_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    announce("http://127.0.0.1:3001", FirstStart(requester="r", approver="a", approver_token="opsc_y"))
    told = capsys.readouterr()
    assert told.out.splitlines()[0] == "The asset service answers at http://127.0.0.1:3001"
    assert told.err.startswith("New home.")
    announce("http://127.0.0.1:3001", None)
    assert capsys.readouterr().err == ""


def test_a_port_in_use_is_told(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        done = cli("asset-service", "--port", str(other.getsockname()[1]))
        monkeypatch.setenv("OPSCONDUCTOR_ASSET_SERVICE_PORT", str(other.getsockname()[1]))
        assert cli("asset-service").code == 1
    assert (done.code, done.out) == (1, "")
    assert done.err.splitlines()[-1].startswith("error server.port_in_use: ")
