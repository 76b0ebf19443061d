from pathlib import Path

import pytest

from opsconductor.cli.commands.pack import tell_faults
from opsconductor.domain.catalogue import PackFault
from tests.unit.cli.conftest import Cli


def test_a_new_pack_is_sound_and_named_after_its_folder(cli: Cli, tmp_path: Path) -> None:
    folder = tmp_path / "My Pack 2"
    assert cli("pack", "init", str(folder)).code == 0
    assert "pack: my-pack-2\n" in (folder / "agent.yaml").read_text("utf-8")
    done = cli("pack", "check", str(folder))
    assert (done.code, done.out) == (0, f"{folder} is sound.\n")


def test_a_pack_of_ones_own_answers(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cli("pack", "init", str(tmp_path / "mine"))
    monkeypatch.setenv("OPSCONDUCTOR_PACK", str(tmp_path / "mine"))
    assert "mine 1" in cli("doctor").out


def test_a_folder_with_something_in_it_is_left_alone(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").write_text("kept")
    (tmp_path / "one").write_text("kept")
    for name in ("full", "one", "one/below"):
        done = cli("pack", "init", str(tmp_path / name))
        assert (done.code, done.err.split(":")[0]) == (2, "error request.invalid")
    assert [path.name for path in (tmp_path / "full").iterdir()] == ["file"]


def test_every_fault_has_file_line_and_remedy(cli: Cli, tmp_path: Path) -> None:
    cli("pack", "init", str(tmp_path / "mine"))
    (tmp_path / "mine" / "agent.yaml").write_text("pack: [\n")
    (tmp_path / "mine" / "glossary.yaml").write_text("- term: x\n  colour: y\n")
    done = cli("pack", "check", str(tmp_path / "mine"))
    assert (done.code, done.out) == (2, "")
    lines = done.err.splitlines()
    assert any(line.startswith("agent.yaml:") for line in lines)
    assert any(line.startswith("glossary.yaml:2:") for line in lines)
    assert lines[-1].startswith("error pack.invalid: The pack has ")


def test_a_folder_that_is_none_is_not_found(cli: Cli, tmp_path: Path) -> None:
    done = cli("pack", "check", str(tmp_path / "missing"))
    assert (done.code, done.err.split(":")[0]) == (2, "error pack.not_found")


def test_one_fault_is_one_fault(capsys: pytest.CaptureFixture[str]) -> None:
    assert tell_faults([PackFault(file="a.yaml", line=3, fault="Bad.", remedy="Do good.")]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "a.yaml:3: Bad. Do good."
    assert "The pack has 1 fault." in lines[1]
