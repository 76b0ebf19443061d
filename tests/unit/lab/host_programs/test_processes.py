import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

from opsconductor.lab.host_programs.processes import mark_from_ps, signal_group, start_mark, stop_process


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[str]]:
    """A process group of its own that leaves at SIGTERM."""
    yield from _started("echo up; exec sleep 1000")


@pytest.fixture
def stubborn() -> Iterator[subprocess.Popen[str]]:
    """One that does not."""
    yield from _started("trap '' TERM; echo up; while :; do wait; done & wait; wait")


def _started(script: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        ["/bin/sh", "-c", script], stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "up\n"
        yield child
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGKILL)


@pytest.mark.parametrize("mark_of", [start_mark, mark_from_ps])
def test_the_mark_stays_the_same_while_a_process_lives_and_is_none_after(
    sleeper: subprocess.Popen[str], mark_of: Callable[[int], str | None]
) -> None:
    mark = mark_of(sleeper.pid)
    assert mark
    assert mark_of(sleeper.pid) == mark
    sleeper.kill()
    # Not waited for yet: a zombie still has the pid, and is dead all the same.
    os.waitid(os.P_PID, sleeper.pid, os.WEXITED | os.WNOWAIT)
    assert mark_of(sleeper.pid) is None
    sleeper.wait()
    assert mark_of(sleeper.pid) is None


def test_the_mark_survives_exec_as_the_services_need_it() -> None:
    with subprocess.Popen(["/bin/sh", "-c", "echo up; read go; exec cat"], stdin=-1, stdout=-1, text=True) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdout.readline()
        before = start_mark(child.pid)
        child.stdin.write("go\nnow a cat\n")
        child.stdin.flush()
        assert child.stdout.readline() == "now a cat\n"
        assert start_mark(child.pid) == before


FIRST_THREAD_ENDS = """
import ctypes, os, sys, threading

def rest():
    while os.path.exists("/proc/self/stat") and open("/proc/self/stat").read().rpartition(")")[2].split()[0] != "Z":
        pass
    sys.stdout.write("up\\n")
    sys.stdout.flush()
    sys.stdin.readline()
    os._exit(0)

threading.Thread(target=rest).start()
ctypes.CDLL(None).pthread_exit(None)
"""


def test_a_process_is_dead_only_when_its_last_thread_is() -> None:
    """Until then its port and its locks are taken, though the system shows the first thread as a zombie."""
    with subprocess.Popen([sys.executable, "-c", FIRST_THREAD_ENDS], stdin=-1, stdout=-1, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "up\n"
        assert start_mark(child.pid) is not None


def test_two_processes_have_two_marks(sleeper: subprocess.Popen[str]) -> None:
    assert start_mark(os.getpid()) != start_mark(sleeper.pid)


def test_a_process_with_another_mark_is_never_signalled(sleeper: subprocess.Popen[str]) -> None:
    assert signal_group(sleeper.pid, "of an earlier process", signal.SIGKILL) is False
    assert stop_process(sleeper.pid, "of an earlier process", 0) is True
    assert start_mark(sleeper.pid) is not None


def test_a_process_is_asked_first(sleeper: subprocess.Popen[str]) -> None:
    mark = start_mark(sleeper.pid)
    assert mark is not None
    assert stop_process(sleeper.pid, mark, 5) is True
    assert sleeper.wait() == -signal.SIGTERM


def test_one_that_does_not_listen_is_killed(stubborn: subprocess.Popen[str]) -> None:
    mark = start_mark(stubborn.pid)
    assert mark is not None
    assert stop_process(stubborn.pid, mark, 0) is True
    assert stubborn.wait() == -signal.SIGKILL


def test_signalling_a_group_that_is_gone_is_no_error(sleeper: subprocess.Popen[str]) -> None:
    mark = start_mark(sleeper.pid)
    sleeper.kill()
    sleeper.wait()
    assert signal_group(sleeper.pid, mark, signal.SIGKILL) is False
