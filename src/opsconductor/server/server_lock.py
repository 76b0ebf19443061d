"""`$HOME/server.lock`: held by the one running server of a home, and where others learn how to reach it."""

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from opsconductor.domain.errors import Conflict, Unavailable

NAME = "server.lock"

_TRIES = 10
_PAUSE_S = 0.05


@dataclass(frozen=True, kw_only=True)
class ServerAddress:
    """What the lock file tells about the server that holds it."""

    address: str  # http://127.0.0.1:3005
    pid: int
    home_id: str
    socket: str  # path of the Unix socket
    started_at: str


class ServerLock:
    """The held lock; `announce` tells others the address once the server answers."""

    def __init__(self, file: IO[str], previous_socket: str) -> None:
        self._file = file
        self.previous_socket = previous_socket
        """Socket path of a server that died without tidying up, or empty."""

    def announce(self, address: ServerAddress) -> None:
        """Write the address; readers never see half of it, for they read again until it parses."""
        self._write(json.dumps(asdict(address)))

    def clear(self) -> None:
        """Take the address back."""
        self._write("")

    def _write(self, text: str) -> None:
        self._file.seek(0)
        self._file.truncate()
        self._file.write(text)
        self._file.flush()


@contextmanager
def hold(home: Path) -> Iterator[ServerLock]:
    """Hold the lock of a home until the block ends. Raises `server.already_running` when another server holds it.

    A client that looks holds it for an instant, so a busy lock is tried again for half a second.
    """
    try:
        descriptor = os.open(home / NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise Unavailable("home.unusable", f"Cannot write {home / NAME}: {error.strerror}.") from error
    with os.fdopen(descriptor, "r+", encoding="utf-8") as file:
        for last in [False] * (_TRIES - 1) + [True]:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError as error:
                if last:
                    raise _already_running(file) from error
                time.sleep(_PAUSE_S)
        known = _parse(file.read())
        lock = ServerLock(file, known.socket if known else "")
        lock.clear()
        try:
            yield lock
        finally:
            lock.clear()


def running_server(home: Path, wait_s: float = 10.0) -> ServerAddress | None:
    """The server that holds the lock of this home, None when none does.

    One that is starting or stopping is waited for; raises `server.unreachable` when it still does after `wait_s`.
    """
    deadline = time.monotonic() + wait_s
    while True:
        if not is_held(home):
            return None
        address = _read(home)
        if address is not None:
            return address
        if time.monotonic() >= deadline:
            raise Unavailable("server.unreachable", "The server of this home is starting or stopping.")
        time.sleep(_PAUSE_S)


def is_held(home: Path) -> bool:
    """Whether a living process holds the lock."""
    try:
        with (home / NAME).open("r", encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            return False
    except BlockingIOError:
        return True
    except OSError:
        return False  # no file, or none we may read: then there is no server we could talk to


def _read(home: Path) -> ServerAddress | None:
    try:
        return _parse((home / NAME).read_text("utf-8"))
    except OSError:
        return None


def _parse(text: str) -> ServerAddress | None:
    try:
        return ServerAddress(**json.loads(text))
    except (ValueError, TypeError):
        return None


def _already_running(file: IO[str]) -> Conflict:
    address = _parse(file.read())
    where = f" at {address.address} (process {address.pid})" if address else ""
    return Conflict("server.already_running", f"A server of this home is running already{where}.")
