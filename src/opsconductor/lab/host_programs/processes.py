"""Which process is meant: a pid may be reused, a pid with its start mark is not; only such is signalled."""

import os
import signal
import time

_DEAD_STATES = frozenset("ZXx")
_KILL_WAIT_S = 1.0


def start_mark(pid: int) -> str | None:
    """What tells this process from a later one with its pid; None when no live process has it (zombies are dead)."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            fields = file.read().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None if os.path.exists("/proc/self/stat") else mark_from_ps(pid)
    # Fields 3, 20 and 22 of proc(5); the name before them may hold spaces and brackets, hence the cut at the last one.
    state, threads, started = fields[0], int(fields[17]), fields[19]
    # A process whose first thread has ended still holds its port and its locks until the last one has.
    return None if state in _DEAD_STATES and threads <= 1 else f"{_boot_id()}:{started}"


def _boot_id() -> str:
    """Start times count from the boot, so the boot is part of the mark."""
    try:
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
            return file.read().strip()[:13]
    except OSError:
        return "boot"


def mark_from_ps(pid: int) -> str | None:
    """The same from ps(1), to the second, where there is no /proc (macOS)."""
    import subprocess  # a tenth of the start-up of these programs, and of no use where /proc is

    run = subprocess.run(
        ["ps", "-o", "stat=", "-o", "lstart=", "-p", str(pid)],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": "/bin:/usr/bin", "LC_ALL": "C", "TZ": "UTC"},
    )
    state, _, started = run.stdout.strip().partition(" ")
    return None if not started or state[0] in _DEAD_STATES else " ".join(started.split())


def signal_group(pid: int, mark: str | None, number: int) -> bool:
    """Signal the group that `pid` leads or led; False when it is gone or `pid` is somebody else's by now."""
    if start_mark(pid) not in (None, mark):
        return False
    try:
        os.killpg(pid, number)
    except ProcessLookupError:
        return False
    except PermissionError:  # macOS says so of a group in which only a zombie is left
        return False
    return True


def stop_process(pid: int, mark: str, grace_s: float) -> bool:
    """End the group of exactly this process: SIGTERM, after `grace_s` seconds SIGKILL. True when it is gone."""
    for number, wait_s in ((signal.SIGTERM, grace_s), (signal.SIGKILL, _KILL_WAIT_S)):
        if start_mark(pid) != mark:
            return True
        signal_group(pid, mark, number)
        if _gone_within(pid, mark, wait_s):
            return True
    return False


def _gone_within(pid: int, mark: str, wait_s: float) -> bool:
    """Not our child, so nobody tells us: look again after 1, 2, 4 … 32 ms."""
    deadline = time.monotonic() + wait_s
    pause = 0.001
    while start_mark(pid) == mark:
        if time.monotonic() > deadline:
            return False
        time.sleep(pause)
        pause = min(pause * 2, 0.032)
    return True
