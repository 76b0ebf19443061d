"""The SSH server of one lab host: one user, one key, commands only; no forwarding, agent, terminal or file transfer."""

import asyncio
from pathlib import Path

import asyncssh

from opsconductor.lab.command import run_command
from opsconductor.lab.hosts import ADDRESS, USERNAME

_LOGIN_S = 10
_CLOSE_S = 1.5


class HostSshServer:
    """Listens for the client key and runs its commands in the host's directory."""

    def __init__(
        self, *, root: Path, host_key: asyncssh.SSHKey, client_key: asyncssh.SSHKey, command_timeout_s: int
    ) -> None:
        """Nothing is opened yet. `root` is the host's directory."""
        self._root = root
        self._host_key = host_key
        self._client_key = client_key
        self._command_timeout_s = command_timeout_s
        self._acceptor: asyncssh.SSHAcceptor | None = None
        self._connections: set[asyncssh.SSHServerConnection] = set()
        self._commands = 0
        self._idle = asyncio.Event()
        self._idle.set()

    async def listen(self, port: int) -> None:
        """Accept connections on that loopback port. Raises OSError when it is taken."""
        self._acceptor = await asyncssh.listen(
            ADDRESS,
            port,
            server_factory=lambda: _Door(self._client_key, self._connections),
            server_host_keys=[self._host_key],
            process_factory=self._serve,
            encoding=None,
            login_timeout=_LOGIN_S,
            password_auth=False,
            kbdint_auth=False,
            host_based_auth=False,
            allow_pty=False,
            agent_forwarding=False,
            x11_forwarding=False,
            allow_scp=False,
            line_editor=False,
        )

    async def close(self) -> None:
        """Stop listening, drop every connection and end the commands that run."""
        if self._acceptor is None:
            return
        self._acceptor.close()
        for connection in list(self._connections):
            connection.abort()
        await asyncio.wait_for(self._idle.wait(), _CLOSE_S)
        self._acceptor = None

    async def _serve(self, process: asyncssh.SSHServerProcess[bytes]) -> None:
        self._commands += 1
        self._idle.clear()
        try:
            await run_command(process, self._root, self._command_timeout_s)
        finally:
            self._commands -= 1
            if not self._commands:
                self._idle.set()


class _Door(asyncssh.SSHServer):
    """Lets in one user name with one key; every kind of forwarding stays refused, as the base class has it."""

    def __init__(self, client_key: asyncssh.SSHKey, connections: set[asyncssh.SSHServerConnection]) -> None:
        self._client_key = client_key
        self._connections = connections
        self._connection: asyncssh.SSHServerConnection | None = None

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._connection = conn
        self._connections.add(conn)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._connection is not None:
            self._connections.discard(self._connection)

    def begin_auth(self, username: str) -> bool:
        return True

    def public_key_auth_supported(self) -> bool:
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        return username == USERNAME and key.public_data == self._client_key.public_data
