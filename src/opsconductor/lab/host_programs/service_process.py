"""The process of a service: starting it detached, finding it again by pid and start mark, and stopping exactly it.

The child takes the lock `run/<service>.lock` and keeps it through exec for its whole life, then writes
`run/<service>.json`, then becomes the service. So whoever is killed half-way, there are never two of one service and
never one that is not on file.
"""

import contextlib
import fcntl
import json
import os
import sys
import time

from . import releases
from .ask_service import ask_service
from .host import FAILED, PORT_TAKEN, ProgramError, Service
from .processes import start_mark, stop_process

_READY_S = 5.0
_STARTING_S = 1.0
_GRACE_S = 1.0
_MOST_LOG_BYTES = 1_048_576
_EXIT_LOCKED = 75
_EXIT_PORT_TAKEN = 98


class Running:
    """The live process of a service."""

    def __init__(self, record: dict[str, object]) -> None:
        """From a record that was checked against the process table."""
        self.pid = int(str(record["pid"]))
        self.mark = str(record["mark"])
        self.version = str(record["version"])
        self.started_at = str(record["started_at"])


def running(service: Service) -> Running | None:
    """The process on file, if it still lives and is the same one."""
    try:
        with open(service.run_file("json"), encoding="utf-8") as file:
            process = Running(json.load(file))
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None
    return process if start_mark(process.pid) == process.mark else None


def stop(service: Service) -> None:
    """End the process and take its record away; no process is fine."""
    process = running(service)
    if process is not None and not stop_process(process.pid, process.mark, _GRACE_S):
        raise ProgramError(FAILED, f"{service.name} (process {process.pid}) did not end")
    if os.path.exists(service.run_file("json")):
        os.unlink(service.run_file("json"))


def start(service: Service) -> Running:
    """Start the current release and wait until it answers."""
    version = releases.current(service)
    release = releases.release_directory(service, version)
    child = os.fork()
    if child == 0:
        _become_service(service, version, release)
    return _await_answer(service, child)


def comes_to_answer(service: Service) -> bool:
    """Whether a process that is there already, and may be just starting, answers within a second."""
    deadline = time.monotonic() + _STARTING_S
    while not (answers := ask_service(service)[0]) and time.monotonic() < deadline:
        time.sleep(0.004)
    return answers


def _await_answer(service: Service, child: int) -> Running:
    """Until the process on file answers; looks every few milliseconds, up to a deadline."""
    deadline = time.monotonic() + _READY_S
    exited = False
    while time.monotonic() < deadline:
        exited = exited or _exited_as_second(service, child)
        process = running(service)
        if process is None and exited:
            raise ProgramError(FAILED, f"another process holds {service.run_file('lock')} and is not on file")
        if process is not None and ask_service(service)[0] and running(service) is not None:
            return process
        time.sleep(0.004)
    raise ProgramError(FAILED, f"{service.name} does not answer on port {service.port} after {int(_READY_S)} s")


def _exited_as_second(service: Service, child: int) -> bool:
    """True when our child gave way to one that was there before; an error when it ended for another reason."""
    pid, status = os.waitpid(child, os.WNOHANG)
    if pid == 0:
        return False
    code = os.waitstatus_to_exitcode(status)
    if code == _EXIT_LOCKED:
        return True
    if code == _EXIT_PORT_TAKEN:
        raise ProgramError(PORT_TAKEN, f"{service.name} cannot start: port {service.port} is taken")
    raise ProgramError(FAILED, f"{service.name} ended at once with status {code}; last words: {_last_words(service)}")


def _last_words(service: Service) -> str:
    with open(service.log, "rb") as file:
        lines = file.read().splitlines()[-1:]
    return ascii(lines[0].decode("utf-8", "replace")[:200]) if lines else "none"


def _become_service(service: Service, version: str, release: str) -> None:
    """Runs in the child and never returns."""
    try:
        os.setsid()
        _close_inherited()
        lock = os.open(service.run_file("lock"), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os._exit(_EXIT_LOCKED)
        os.set_inheritable(lock, True)
        _write_record(service, version)
        _redirect(service)
        os.chdir(release)
        program = [sys.executable, "-S", "-E", os.path.join(release, "server.py"), service.name, str(service.port)]
        environment = {"PATH": "/usr/bin:/bin", "HOME": service.root, "LANG": "C.UTF-8"}
        os.execve(sys.executable, program, environment)
    except OSError as error:
        os.write(2, f"cannot start: {error}\n".encode())
    finally:
        os._exit(FAILED)


def _close_inherited() -> None:
    """A pipe kept open by the service would keep whoever called svc waiting; uvloop hands such copies down."""
    for name in os.listdir("/dev/fd"):
        if int(name) > 2:
            with contextlib.suppress(OSError):  # the one that the listing itself used
                os.close(int(name))


def _write_record(service: Service, version: str) -> None:
    now = time.time_ns() // 1_000_000
    stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now // 1000)) + f".{now % 1000:03d}Z"
    record = {"pid": os.getpid(), "mark": start_mark(os.getpid()), "version": version, "started_at": stamp}
    fresh = service.run_file(f"json.{os.getpid()}")
    with open(fresh, "w", encoding="utf-8") as file:
        json.dump(record, file)
    os.replace(fresh, service.run_file("json"))


def _redirect(service: Service) -> None:
    """Standard input from nowhere, output and error to the log, which keeps one older file of about a megabyte."""
    if os.path.exists(service.log) and os.path.getsize(service.log) > _MOST_LOG_BYTES:
        os.replace(service.log, service.log + ".1")
    log = os.open(service.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(log, 1)
    os.dup2(log, 2)
