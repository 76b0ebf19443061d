"""The Unix socket by which commands of the same machine reach the server, and who is at its other end.

The folder is 0700 and the socket 0600, so only this user (and root) can connect at all; whoever connects is then known
by the operating system's own word: `SO_PEERCRED` on Linux, `LOCAL_PEERCRED` on macOS. It is read when a connection is
accepted and travels in the ASGI scope's `state`, which no request can write.
"""

import asyncio
import os
import socket
import struct
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from opsconductor.domain.errors import Unavailable

NAME = "api.sock"
PEER_UID = "peer_uid"
"""Key of the ASGI scope's `state` that holds the user id of the other end."""

_LONGEST_PATH = 100  # bytes; macOS takes 103, Linux 107
_SHORT_FOLDER = "opsconductor-"
_SOL_LOCAL, _LOCAL_PEERCRED, _XUCRED_SIZE = 0, 1, 76


class PeerProtocol(HttpToolsProtocol):
    """uvicorn's HTTP protocol that also tells the application which user connected."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Ask the operating system who it is; a connection whose user it does not tell is closed."""
        super().connection_made(transport)
        try:
            uid = peer_uid(transport.get_extra_info("socket").fileno())
        except OSError:
            transport.abort()
            return
        self.app_state: dict[str, Any] = {**self.app_state, PEER_UID: uid}


def peer_uid(descriptor: int) -> int:
    """The user id of the process that connected to the Unix socket with this descriptor. Raises OSError."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM, fileno=os.dup(descriptor)) as connection:
        if hasattr(socket, "SO_PEERCRED"):
            raw = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
            return int(struct.unpack("3i", raw)[1])
        raw = connection.getsockopt(_SOL_LOCAL, _LOCAL_PEERCRED, _XUCRED_SIZE)
        return int(struct.unpack_from("2I", raw)[1])


@contextmanager
def listening(home: Path, previous: str = "") -> Iterator[tuple[socket.socket, str]]:
    """Listen at `$HOME/run/api.sock`, or in a short folder of our own when that path is too long for a socket.

    `previous` is the path that a server which died left behind. Raises `home.unusable` when it cannot listen.
    """
    _remove(previous)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        path = _bind(listener, home)
    except OSError as error:
        listener.close()
        raise Unavailable("home.unusable", f"Cannot make a socket below {home}: {error.strerror}.") from error
    try:
        yield listener, str(path)
    finally:
        listener.close()
        _remove(str(path))


def _bind(listener: socket.socket, home: Path) -> Path:
    path = _place(home)
    path.unlink(missing_ok=True)
    listener.bind(str(path))
    path.chmod(0o600)
    listener.listen(128)
    listener.setblocking(False)
    return path


def _place(home: Path) -> Path:
    folder = home / "run"
    if len(os.fsencode(folder / NAME)) > _LONGEST_PATH:
        folder = Path(tempfile.mkdtemp(prefix=_SHORT_FOLDER))
    folder.mkdir(mode=0o700, exist_ok=True)
    folder.chmod(0o700)
    return folder / NAME


def _remove(path: str) -> None:
    """Remove a socket that is left over, with the short folder it stood in."""
    if not path:
        return
    with suppress(OSError):
        Path(path).unlink(missing_ok=True)
        if Path(path).parent.name.startswith(_SHORT_FOLDER):
            Path(path).parent.rmdir()
