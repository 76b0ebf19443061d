"""Only the files of a pack are read, within limits, and a change of any of them shows."""

import os
from pathlib import Path

import pytest

from opsconductor.adapters.catalogue.files import sources as module
from opsconductor.adapters.catalogue.files.faults import Faults
from opsconductor.adapters.catalogue.files.sources import MAX_FILE, read_sources, stamp
from opsconductor.domain.errors import NotFound


def write(folder: Path, name: str, content: str = "a: 1") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, "utf-8")
    return path


def told(folder: Path) -> dict[str, str]:
    faults = Faults()
    read_sources(folder, faults)
    return {fault.file: f"{fault.fault} {fault.remedy}" for fault in faults.sorted()}


def test_yaml_in_its_places_is_read_and_other_files_are_left_alone(tmp_path: Path) -> None:
    names = ["agent.yaml", "glossary.yaml", "intents/a.yaml", "rules/b.yaml", "scenarios/c.yaml", "tools/d.yaml"]
    for name in (*names, "README.md", ".git/config.yaml", "tools/.hidden.yaml", "tools/notes.txt"):
        write(tmp_path, name)
    faults = Faults()
    found = read_sources(tmp_path, faults)
    assert sorted(found.files) == sorted(names)
    assert set(found.digests) == set(names)
    assert len(faults) == 0


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("tools/x.yml", "Name it x.yaml."),
        ("tool/x.yaml", "Did you mean tools?"),
        ("tools/deep/x.yaml", "Did you mean tools?"),
        ("agents.yaml", "Did you mean agent.yaml?"),
        ("other/x.yaml", "Put it into one of the folders: intents, rules, scenarios, tools."),
    ],
)
def test_yaml_where_nobody_reads_it_is_a_fault(tmp_path: Path, name: str, remedy: str) -> None:
    write(tmp_path, name)
    assert told(tmp_path) == {name: f"A pack has no such file. {remedy}"}


def test_sizes_are_limited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "tools/big.yaml", "#" * (MAX_FILE + 1))
    write(tmp_path, "tools/fits.yaml", "#" * MAX_FILE)
    assert told(tmp_path) == {"tools/big.yaml": "The file is larger than 256 KiB. Split it."}
    monkeypatch.setattr(module, "MAX_PACK", MAX_FILE - 1)
    assert "The pack is larger than" in told(tmp_path)["tools/fits.yaml"]


def test_a_link_that_leads_out_is_not_followed(tmp_path: Path) -> None:
    secret = write(tmp_path, "elsewhere/secret.yaml")
    folder = tmp_path / "pack"
    write(folder, "agent.yaml")
    (folder / "glossary.yaml").symlink_to(secret)
    assert told(folder) == {
        "glossary.yaml": "The file is a link that leads out of the pack. Copy the file into the pack."
    }


def test_a_file_that_cannot_be_read_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "agent.yaml").mkdir()
    (tmp_path / "glossary.yaml").symlink_to("nothing.yaml")
    assert told(tmp_path)["glossary.yaml"].startswith("The file cannot be read:")


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        read_sources(tmp_path / "nowhere", Faults())


def test_the_stamp_changes_with_every_change(tmp_path: Path) -> None:
    path = write(tmp_path, "tools/a.yaml", "a: 1")
    stamps = [stamp(tmp_path)]
    path.write_text("a: 2")
    os.utime(path, ns=(0, 0))
    stamps.append(stamp(tmp_path))
    write(tmp_path, "tools/b.yaml")
    stamps.append(stamp(tmp_path))
    path.unlink()
    stamps.append(stamp(tmp_path))
    assert len(set(stamps)) == 4
    assert stamp(tmp_path / "nowhere") == ()
