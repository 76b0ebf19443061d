"""What every engine of the processes port promises; owners are real processes, ended in every way."""

import importlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from opsconductor.ports.processes import Processes

_OTHER = """
import importlib, os, sys, time
from pathlib import Path

def tell(owner):
    os.write(1, f"{os.getpid()} {owner}\\n".encode())  # one write: two processes share this pipe

with importlib.import_module(sys.argv[1]).open_processes(Path(sys.argv[2])) as processes:
    if sys.argv[3] == "with a child" and os.fork() == 0:
        tell(processes.me)
        time.sleep(600)
    tell(processes.me)
    sys.stdin.read()
"""


@contextmanager
def another_process(
    engine: str, folder: Path, kind: str = ""
) -> Iterator[tuple[list[tuple[int, str]], Callable[[], None]]]:
    """A process that is an owner in `folder` (and its child): their ids and owners, and how to kill the first."""
    command = [sys.executable, "-c", _OTHER, engine, str(folder), kind]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None

        def kill() -> None:
            process.kill()
            process.wait()

        found = []
        try:
            for _ in range(2 if kind else 1):
                number, owner = process.stdout.readline().split()
                found.append((int(number), owner))
            found.sort(key=lambda one: one[0] != process.pid)
            yield found, kill
        finally:
            for child, _ in found[1:]:
                os.kill(child, signal.SIGKILL)


def knows_itself_as_living(processes: Processes, engine: str, folder: Path) -> None:
    """The own owner never changes and lives."""
    assert processes.me == processes.me
    assert processes.is_alive(processes.me)


def knows_no_one_else(processes: Processes, engine: str, folder: Path) -> None:
    """Names that no process has, and names that are none, are dead."""
    (folder.parent / "outside.lock").touch()
    for owner in ("", "1-00000000-00000000", "../outside", "/etc/passwd", "a" * 5000, "x\x00y"):
        assert not processes.is_alive(owner)


def sees_a_process_live_and_end(processes: Processes, engine: str, folder: Path) -> None:
    """Alive while it runs, dead once it has ended of itself; asking changes nothing."""
    with another_process(engine, folder) as ([(_, owner)], _):
        assert owner != processes.me
        assert [processes.is_alive(owner) for _ in range(3)] == [True, True, True]
    assert not processes.is_alive(owner)


def sees_a_killed_process_as_dead(processes: Processes, engine: str, folder: Path) -> None:
    """kill -9 leaves no time to tidy up."""
    with another_process(engine, folder) as ([(_, owner)], kill):
        assert processes.is_alive(owner)
        kill()
        assert not processes.is_alive(owner)


def does_not_take_a_child_for_its_parent(processes: Processes, engine: str, folder: Path) -> None:
    """A forked child is an owner of its own, and outlives its parent without keeping it alive."""
    with another_process(engine, folder, "with a child") as ([(_, parent), (_, child)], kill):
        assert parent != child
        assert processes.is_alive(parent)
        assert processes.is_alive(child)
        kill()
        assert not processes.is_alive(parent)
        assert processes.is_alive(child)


def keeps_two_owners_of_one_process_apart(processes: Processes, engine: str, folder: Path) -> None:
    """Opened twice in one process, each sees the other live and end."""
    with importlib.import_module(engine).open_processes(folder) as other:
        assert other.me != processes.me
        assert processes.is_alive(other.me)
        assert other.is_alive(processes.me)
    assert not processes.is_alive(other.me)
    assert processes.is_alive(processes.me)


PROMISES: tuple[Callable[[Processes, str, Path], None], ...] = (
    knows_itself_as_living,
    knows_no_one_else,
    sees_a_process_live_and_end,
    sees_a_killed_process_as_dead,
    does_not_take_a_child_for_its_parent,
    keeps_two_owners_of_one_process_apart,
)
