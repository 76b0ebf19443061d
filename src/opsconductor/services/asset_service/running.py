"""The asset service on a real socket, inside this process's event loop or as the whole of a process."""

import asyncio
import contextlib
import errno
import socket
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass

import uvicorn

from opsconductor.domain.errors import BadInput, Unavailable
from opsconductor.services.asset_service.app import AssetService

GRACE_S = 2.0  # how long requests under way may take when the service stops
_KEEP_ALIVE_S = 75


@dataclass(frozen=True, kw_only=True)
class RunningService:
    """Where a service listens."""

    host: str
    port: int
    base_url: str


@contextlib.asynccontextmanager
async def running_service(
    service: AssetService, *, host: str = "127.0.0.1", port: int = 0
) -> AsyncIterator[RunningService]:
    """Serve until the block ends; port 0 takes a free one. `host` is an IP address.

    Raises `server.port_in_use` when another program listens there, `settings.invalid` when it is no address of ours.
    """
    listener = _listen(host, port)
    taken = listener.getsockname()[1]
    shown = f"[{host}]" if ":" in host else host
    server = _Server(_config(service))
    await server.start(listener)
    try:
        yield RunningService(host=host, port=taken, base_url=f"http://{shown}:{taken}")
    finally:
        await server.stop()


class _Server(uvicorn.Server):
    """uvicorn without what belongs to a whole process: signal handlers, a clock, waits in tenths of seconds."""

    async def start(self, listener: socket.socket) -> None:
        self.config.load()
        self.lifespan = self.config.lifespan_class(self.config)
        await self.startup(sockets=[listener])

    async def stop(self) -> None:
        """Take no more connections, let requests finish for a moment, cut what is left."""
        for server in self.servers:
            server.close()
        state = self.server_state
        for connection in list(state.connections):
            connection.shutdown()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(GRACE_S):
                while state.connections or state.tasks:
                    await asyncio.sleep(0.001)
        tasks = list(state.tasks)
        for task in tasks:
            task.cancel()
        for connection in list(state.connections):
            connection.transport.abort()
        await asyncio.gather(*tasks, return_exceptions=True)
        for server in self.servers:
            await server.wait_closed()


def _config(service: AssetService) -> uvicorn.Config:
    # What uvicorn would otherwise take from the environment is given here.
    return uvicorn.Config(
        service.asgi,
        http="httptools",
        ws="none",
        loop="none",
        lifespan="off",
        interface="asgi3",
        log_config=None,
        access_log=False,
        workers=1,
        proxy_headers=False,
        forwarded_allow_ips="",
        server_header=False,
        date_header=False,
        timeout_keep_alive=_KEEP_ALIVE_S,
        backlog=128,
    )


def _listen(host: str, port: int) -> socket.socket:
    # The protocol is named because asyncio switches Nagle's algorithm off (40 ms a call) only on sockets that name it.
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if sys.platform != "win32":  # there it would let two programs share a port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        if error.errno in (errno.EADDRINUSE, errno.EACCES):
            why = "is in use" if error.errno == errno.EADDRINUSE else "is not allowed for this user"
            raise Unavailable("server.port_in_use", f"Port {port} on {host} {why}.", port=port) from error
        raise BadInput("settings.invalid", f"The asset service cannot listen on {host}:{port}.") from error
    except OverflowError as error:
        listener.close()
        raise BadInput("settings.invalid", f"{port} is no port; take 1 to 65535.") from error
    listener.setblocking(False)
    return listener
