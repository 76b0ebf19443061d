from pathlib import Path

import pytest

from opsconductor.domain.errors import Unavailable
from opsconductor.lab.keys import key_pair, public_line


def test_a_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "client"
    first = public_line(key_pair(path))
    assert path.stat().st_mode & 0o777 == 0o600
    assert public_line(key_pair(path)) == first
    assert first.startswith("ssh-ed25519 ")
    assert len(first.split()) == 2
    assert [file.name for file in tmp_path.iterdir()] == ["client"]


def test_loosened_rights_are_tightened_again(tmp_path: Path) -> None:
    path = tmp_path / "client"
    key_pair(path)
    path.chmod(0o644)
    key_pair(path)
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_file_that_is_no_key_is_told_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "client"
    path.write_text("something precious\n")
    with pytest.raises(Unavailable) as failed:
        key_pair(path)
    assert failed.value.code == "lab.start_failed"
    assert path.read_text() == "something precious\n"
