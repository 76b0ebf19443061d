"""Owners as locked files: the system frees a lock when its process ends, however it ends."""

import fcntl
import os
import re
import secrets
import time
import weakref
from contextlib import suppress
from pathlib import Path
from typing import Self

from opsconductor.domain.errors import Unavailable

_OWNER = re.compile(r"\d{1,10}-[0-9a-f]{8,16}-[0-9a-f]{8}(?P<place>-[0-9a-f]{8})?")


class FileLockProcesses:
    """An owner is the name of a file in a folder of the home; it lives as long as the file is locked."""

    def __init__(self, folder: Path, place: str = "") -> None:
        """Locks a file of this process in `folder`, made where missing. Raises `home.unusable`.

        `place`, eight hexadecimal digits, names this home where several share one store.
        """
        self._folder = folder
        self._place = f"-{place}" if place else ""
        self._me = ""
        self._pid = 0
        self._descriptor = -1
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._take()
            self._remove_stale()
        except OSError as error:
            raise Unavailable("home.unusable", f"{folder} cannot be used: {error.strerror}.") from error
        # A forked child shares the lock: it must let go, or the owner would seem to live on in it.
        mine = weakref.ref(self)
        os.register_at_fork(after_in_child=lambda: _let_go(mine))

    def __enter__(self) -> Self:
        """Itself; the block's end closes it."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close."""
        self.close()

    @property
    def me(self) -> str:
        """See the port: process id, time, and a random part, so that a process id used again is another owner."""
        if self._pid != os.getpid():  # a forked child is an owner of its own
            self._take()
        return self._me

    def is_alive(self, owner: str) -> bool:
        """See the port. A dead owner's file is removed."""
        if owner == self.me:
            return True
        found = _OWNER.fullmatch(owner)
        if found is None:
            return False
        if (found["place"] or "") != self._place:
            return True
        path = self._path(owner)
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return False
        try:
            # Shared, so that two processes that ask at the same time do not see each other as the owner.
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        else:
            path.unlink(missing_ok=True)
            return False
        finally:
            os.close(descriptor)

    def close(self) -> None:
        """Give the lock back; from here on this owner is dead."""
        if self._descriptor >= 0:
            self._path(self._me).unlink(missing_ok=True)
            self.let_go()

    def let_go(self) -> None:
        """Close the file; the lock is free once nobody else has it open."""
        os.close(self._descriptor)
        self._descriptor = -1

    def _take(self) -> None:
        while True:
            self._pid = os.getpid()
            self._me = f"{self._pid}-{time.time_ns() // 1_000_000:x}-{secrets.token_hex(4)}{self._place}"
            path = self._path(self._me)
            self._descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o600)
            fcntl.flock(self._descriptor, fcntl.LOCK_EX)
            if path.exists():
                return
            self.let_go()  # another process took it for a stale one between the two calls

    def _remove_stale(self) -> None:
        for path in self._folder.glob("*.lock"):
            with suppress(OSError):
                self.is_alive(path.stem)

    def _path(self, owner: str) -> Path:
        return self._folder / f"{owner}.lock"


def _let_go(reference: "weakref.ref[FileLockProcesses]") -> None:
    processes = reference()
    if processes is not None and processes._descriptor >= 0:
        processes.let_go()


def open_processes(folder: Path, place: str = "") -> FileLockProcesses:
    """This process as an owner with its file in `folder`; use it in a `with` block."""
    return FileLockProcesses(folder, place)
