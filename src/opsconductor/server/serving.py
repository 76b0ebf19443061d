"""What `serve` runs: engine, HTTP and local socket, outbox; stopped in an order that loses nothing."""

import asyncio
import contextlib
import errno
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import structlog
import uvicorn
from starlette.types import ASGIApp

from opsconductor.bootstrap import Engine, FirstStart, open_engine
from opsconductor.domain.errors import BadInput, OpsConductorError, Unavailable
from opsconductor.domain.turn import TurnReply
from opsconductor.ports.clock import timestamp
from opsconductor.server.app import create_app
from opsconductor.server.credentials import Credentials
from opsconductor.server.inventory_alone import tenant_of_bearer
from opsconductor.server.local_socket import PeerProtocol, listening
from opsconductor.server.logs import log_request
from opsconductor.server.running_turns import RunningTurns
from opsconductor.server.server_lock import ServerAddress, ServerLock, hold
from opsconductor.settings import Settings

GRACE_S = 20.0
"""How long turns under way may take once the server was told to stop."""
OUTBOX_PAUSE_S = 0.5
REAP_EVERY_S = 2.0

_WILDCARDS = frozenset({"0.0.0.0", "::"})


@dataclass(frozen=True, kw_only=True)
class Started:
    """What the person who started the server is told."""

    address: str
    sign_in_url: str
    lab_hosts: tuple[tuple[str, str], ...]  # name, address of its SSH server
    first_start: FirstStart | None
    recovered: tuple[TurnReply, ...]


async def serve(settings: Settings, *, lab: bool, announce: Callable[[Started], None]) -> None:
    """Serve until SIGTERM or SIGINT; `announce` is called once everything answers.

    Raises `server.already_running`, `server.port_in_use`, and what opening an engine raises.
    """
    with hold(settings.home) as lock, _listen(settings.host, settings.port) as listener:
        engine_of = open_engine(
            settings, asset_service_port=settings.asset_service_port, lab=lab, bearers=tenant_of_bearer
        )
        async with engine_of as engine:
            recovered = await engine.recover()
            with listening(settings.home, lock.previous_socket) as (local, path):
                running = _Running(engine=engine, lock=lock, listener=listener, local=local, socket_path=path)
                started = await running.started(recovered)
                await running.run(lambda: announce(started), started.address)


@dataclass(frozen=True, kw_only=True)
class _Running:
    """One server while it runs."""

    engine: Engine
    lock: ServerLock
    listener: socket.socket
    local: socket.socket
    socket_path: str

    async def run(self, announce: Callable[[], None], address: str) -> None:
        """Serve until a signal; then finish what is under way."""
        stop = asyncio.Event()
        async with asyncio.TaskGroup() as tasks:
            turns = RunningTurns(self.engine, self.engine.storage, tasks)
            hosts = frozenset({self.engine.settings.host}) - _WILDCARDS
            app = create_app(self.engine, turns, address=address, hosts=hosts, seen=log_request)
            servers = [HttpServer(_config(app, None)), HttpServer(_config(app, PeerProtocol))]
            for server, listener in zip(servers, (self.listener, self.local), strict=True):
                tasks.create_task(server.serve(sockets=[listener]))
            tasks.create_task(_deliver(self.engine, stop))
            tasks.create_task(_reap(self.engine, stop))
            with _signals(stop, turns):
                self.lock.announce(self._address(address))
                announce()
                await stop.wait()
                self.lock.clear()
                for server in servers:
                    server.should_exit = True
                cut = await turns.drain(GRACE_S)
                if cut:
                    structlog.stdlib.get_logger("opsconductor.server").warning("server.turns_cut", count=cut)

    async def started(self, recovered: tuple[TurnReply, ...]) -> Started:
        """What to tell: the address, a new sign-in link, the lab's hosts."""
        engine = self.engine
        credentials = Credentials(engine.storage, engine.clock, engine.ids)
        address = address_of(engine.settings.host, self.listener.getsockname()[1])
        return Started(
            address=address,
            sign_in_url=await credentials.sign_in_url(await credentials.identity_of_user(os.getuid()), address),
            lab_hosts=tuple((host.name, f"{host.address}:{host.port}") for host in engine.lab_hosts),
            first_start=engine.first_start,
            recovered=recovered,
        )

    def _address(self, address: str) -> ServerAddress:
        return ServerAddress(
            address=address,
            pid=os.getpid(),
            home_id=self.engine.home_id,
            socket=self.socket_path,
            started_at=timestamp(self.engine.clock.now()),
        )


def address_of(host: str, port: int) -> str:
    """The URL by which this machine calls a server that listens on `host`."""
    name = "127.0.0.1" if host in _WILDCARDS else host
    return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"


class HttpServer(uvicorn.Server):
    """uvicorn without its signal handlers: two of them share this process, which has its own."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _config(app: ASGIApp, protocol: type[asyncio.Protocol] | None) -> uvicorn.Config:
    # What uvicorn would otherwise take from the environment is given here.
    return uvicorn.Config(
        app,
        http=protocol or "httptools",
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
        timeout_graceful_shutdown=int(GRACE_S),
        backlog=128,
    )


@contextlib.contextmanager
def _listen(host: str, port: int) -> Iterator[socket.socket]:
    # The protocol is named because asyncio switches Nagle's algorithm off only on sockets that name it.
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        try:
            if sys.platform != "win32":  # there it would let two programs share a port
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((host, port))
            listener.listen(128)
        except OSError as error:
            if error.errno in (errno.EADDRINUSE, errno.EACCES):
                why = "is in use" if error.errno == errno.EADDRINUSE else "is not allowed for this user"
                raise Unavailable("server.port_in_use", f"Port {port} on {host} {why}.", port=port) from error
            raise BadInput("settings.invalid", f"The server cannot listen on {host}:{port}.") from error
        listener.setblocking(False)
        yield listener


@contextlib.contextmanager
def _signals(stop: asyncio.Event, turns: RunningTurns) -> Iterator[None]:
    """The first SIGTERM or SIGINT asks for the end, a second one cuts the turns that are still under way."""
    loop = asyncio.get_running_loop()

    def asked() -> None:
        if stop.is_set():
            turns.cut()
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, asked)
    try:
        yield
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)


async def _deliver(engine: Engine, stop: asyncio.Event) -> None:
    """Deliver what follows replies, soon after each, until the server stops."""
    log = structlog.stdlib.get_logger("opsconductor.outbox")
    while not stop.is_set():
        delivered = 0
        try:
            delivered = await engine.outbox.run_once()
            await engine.anchor.run_once()
            for reply in await engine.recover():
                log.warning("turn.recovered", turn=reply.turn_id, kind=reply.kind.value)
        except OpsConductorError as error:
            log.warning("outbox.store_unavailable", code=error.code, reason=error.message)
        if not delivered:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), OUTBOX_PAUSE_S)


async def _reap(engine: Engine, stop: asyncio.Event) -> None:
    """Settle what nobody works on any more, again and again, until the server stops."""
    log = structlog.stdlib.get_logger("opsconductor.reaper")
    while not stop.is_set():
        try:
            for reply in await engine.recover():
                log.warning("turn.recovered", turn=reply.turn_id, kind=reply.kind.value)
        except OpsConductorError as error:
            log.warning("reaper.store_unavailable", code=error.code, reason=error.message)
        await _pause(engine, stop, REAP_EVERY_S)


async def _pause(engine: Engine, stop: asyncio.Event, seconds: float) -> None:
    """Wait so long, by the engine's clock, or until the server stops."""
    async with asyncio.TaskGroup() as group:
        waits = [group.create_task(stop.wait()), group.create_task(engine.clock.pause(seconds))]
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for wait in waits:
            wait.cancel()
