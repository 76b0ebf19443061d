import sys
from pathlib import Path

import pytest

from opsconductor.lab.host_directory import lay_out
from opsconductor.lab.host_programs.host import ProgramError, find_service, run_program
from opsconductor.lab.hosts import HOSTS


def test_a_declared_service_is_found_with_its_port(tmp_path: Path) -> None:
    lay_out(tmp_path, HOSTS[3], 20_432)
    service = find_service(str(tmp_path), "ledger-db")
    assert (service.protocol, service.port) == ("line", 20_432)


@pytest.mark.parametrize("name", ["", "ledger", "ledger-db ", "../ledger-db", "ledger-db\n", "\x1b[2J"])
def test_any_other_name_is_refused_without_echoing_control_characters(tmp_path: Path, name: str) -> None:
    lay_out(tmp_path, HOSTS[3], 20_432)
    with pytest.raises(ProgramError, match="this host runs: ledger-db") as refused:
        find_service(str(tmp_path), name)
    assert refused.value.status == 3
    assert str(refused.value).isprintable()


def test_an_error_becomes_one_line_and_its_status(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(arguments: list[str]) -> None:
        raise ProgramError(4, f"not {arguments}")

    def stumble(_: list[str]) -> None:
        open("/nowhere/at all")  # noqa: SIM115

    monkeypatch.setattr(sys, "argv", ["svc", "x"])
    assert run_program("svc", refuse) == 4
    assert run_program("svc", stumble) == 1
    assert capsys.readouterr().err == "svc: not ['x']\nsvc: No such file or directory: '/nowhere/at all'\n"
