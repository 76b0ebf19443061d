import os
import subprocess
import sys
from pathlib import Path

import pytest

from opsconductor.adapters.processes.file_locks import FileLockProcesses, open_processes
from opsconductor.domain.errors import Unavailable


def test_files_of_dead_owners_are_removed_when_a_process_starts(tmp_path: Path) -> None:
    script = "import sys, os; from pathlib import Path; from opsconductor.adapters.processes.file_locks import *\n"
    script += "processes = FileLockProcesses(Path(sys.argv[1])); os.kill(os.getpid(), 9)"
    for _ in range(3):
        subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=False)
    assert len(list(tmp_path.iterdir())) == 1
    with open_processes(tmp_path) as processes:
        assert [path.stem for path in tmp_path.iterdir()] == [processes.me]
    assert list(tmp_path.iterdir()) == []


def test_the_folder_and_the_file_are_private(tmp_path: Path) -> None:
    with open_processes(tmp_path / "home" / "run") as processes:
        assert (tmp_path / "home" / "run").stat().st_mode & 0o777 == 0o700
        assert (tmp_path / "home" / "run" / f"{processes.me}.lock").stat().st_mode & 0o777 == 0o600


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Unavailable) as caught:
        FileLockProcesses(tmp_path / "file" / "run")
    assert caught.value.code == "home.unusable"


def test_a_process_id_that_is_used_again_is_another_owner(tmp_path: Path) -> None:
    with open_processes(tmp_path) as first:
        earlier = first.me
    with open_processes(tmp_path) as second:
        assert earlier.startswith(f"{os.getpid()}-")
        assert second.me.startswith(f"{os.getpid()}-")
        assert not second.is_alive(earlier)


def test_an_owner_of_another_home_is_not_taken_for_dead(tmp_path: Path) -> None:
    with open_processes(tmp_path / "one", "0a1b2c3d") as here, open_processes(tmp_path / "two", "ffff0000") as there:
        gone = open_processes(tmp_path / "one", "0a1b2c3d")
        gone.close()
        assert here.me.endswith("-0a1b2c3d")
        assert here.is_alive(here.me)
        assert not here.is_alive(gone.me)
        assert there.is_alive(gone.me)
        assert there.is_alive(here.me)
