"""What is kept is believed only when nothing about it, its files or the code has changed."""

import json
from pathlib import Path

import pytest

from opsconductor.adapters.catalogue.files import kept_form
from opsconductor.adapters.catalogue.files.kept_form import Kept, kept_path, read_kept, write_kept

FILES = {"agent.yaml": "abc", "tools/a.yaml": "def"}
KEPT = Kept(
    declaration={"tools": [{"name": "a"}]}, digest="sha256:1", tool_digests={"a": "sha256:2"}, places={"a": "x:1"}
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = kept_path(tmp_path / "cache", tmp_path / "pack")
    write_kept(path, FILES, KEPT)
    return path


def test_it_comes_back_as_it_was(path: Path) -> None:
    assert read_kept(path, FILES) == KEPT
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_a_file_of_another_digest_or_number_makes_it_worthless(path: Path) -> None:
    assert read_kept(path, {**FILES, "agent.yaml": "xyz"}) is None
    assert read_kept(path, {**FILES, "tools/b.yaml": "xyz"}) is None
    assert read_kept(path, {"agent.yaml": "abc"}) is None


def test_damage_anywhere_makes_it_worthless(path: Path) -> None:
    whole = path.read_bytes()
    for place in range(0, len(whole), 7):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        assert read_kept(path, FILES) is None, place
    for length in (0, 10, len(whole) - 1):
        path.write_bytes(whole[:length])
        assert read_kept(path, FILES) is None


def test_a_changed_body_under_its_old_stamp_is_worthless(path: Path) -> None:
    stamp, _, body = path.read_bytes().partition(b"\n")
    data = json.loads(body)
    data["declaration"]["tools"][0]["name"] = "b"
    path.write_bytes(stamp + b"\n" + json.dumps(data).encode())
    assert read_kept(path, FILES) is None


def test_another_version_of_the_code_makes_it_worthless(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_form, "FORMAT", "pack/0")
    assert read_kept(path, FILES) is None
    monkeypatch.undo()
    monkeypatch.setattr(kept_form, "_code", lambda: "other")
    assert read_kept(path, FILES) is None


def test_a_cache_that_cannot_be_written_or_read_is_no_error(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("x")
    write_kept(blocked / "cache.json", FILES, KEPT)
    assert read_kept(blocked / "cache.json", FILES) is None
    assert read_kept(tmp_path, FILES) is None


def test_two_folders_are_kept_apart(tmp_path: Path) -> None:
    assert kept_path(tmp_path, tmp_path / "a") != kept_path(tmp_path, tmp_path / "b")
