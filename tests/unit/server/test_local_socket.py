import os
import socket
import stat
from pathlib import Path

import pytest
import uvicorn
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send

from opsconductor.domain.errors import Unavailable
from opsconductor.server.local_socket import PEER_UID, PeerProtocol, listening, peer_uid
from opsconductor.server.serving import HttpServer


def test_the_socket_is_this_users_alone_and_is_gone_afterwards(tmp_path: Path) -> None:
    home = Path("/tmp") / f"opsconductor-home-{os.getpid()}"
    home.mkdir(mode=0o700)
    try:
        with listening(home) as (listener, path):
            assert Path(path) == home / "run" / "api.sock"
            assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
            assert stat.S_IMODE(os.stat(home / "run").st_mode) == 0o700
            assert listener.getsockname() == path
        assert not Path(path).exists()
    finally:
        (home / "run").rmdir()
        home.rmdir()


def test_a_long_home_gets_a_short_socket_that_leaves_nothing_behind(tmp_path: Path) -> None:
    home = tmp_path / ("long" * 30)
    home.mkdir()
    with listening(home) as (_, path):
        assert len(path) <= 100
        folder = Path(path).parent
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert not folder.exists()


def test_what_a_dead_server_left_is_removed(tmp_path: Path) -> None:
    home = tmp_path / ("long" * 30)
    home.mkdir()
    with listening(home) as (_, path):
        left = Path(path).parent.with_name("opsconductor-left-over")
        left.mkdir()
        (left / "api.sock").touch()
    with listening(home, str(left / "api.sock")):
        assert not left.exists()


def test_a_home_that_cannot_hold_a_socket_is_told(tmp_path: Path) -> None:
    (tmp_path / "run").touch()
    with pytest.raises(Unavailable, match="Cannot make a socket below") as refused, listening(tmp_path):
        pass
    assert refused.value.code == "home.unusable"


def test_the_operating_system_says_who_connected() -> None:
    here, there = socket.socketpair(socket.AF_UNIX)
    with here, there:
        assert peer_uid(here.fileno()) == os.getuid()
        assert here.fileno() >= 0


async def who(scope: Scope, receive: Receive, send: Send) -> None:
    request = Request(scope)
    told = {"uid": getattr(request.state, PEER_UID, None), "header": request.headers.get(PEER_UID)}
    await JSONResponse(told)(scope, receive, send)


async def test_the_user_travels_in_the_scope_where_no_request_can_write(tmp_path: Path) -> None:
    import asyncio

    import httpx2

    config = uvicorn.Config(who, http=PeerProtocol, ws="none", lifespan="off", log_config=None)
    with listening(tmp_path / "h" if (tmp_path / "h").mkdir() is None else tmp_path) as (listener, path):
        server = HttpServer(config)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(server.serve(sockets=[listener]))
            transport = httpx2.AsyncHTTPTransport(uds=path)
            async with httpx2.AsyncClient(transport=transport, base_url="http://localhost") as http:
                for _ in range(2):
                    answer = await http.get("/", headers={PEER_UID: "0"})
                    assert answer.json() == {"uid": os.getuid(), "header": "0"}
            server.should_exit = True
