"""One engine a module, and the application over it, called without a socket."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import pytest
import pytest_asyncio
from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from opsconductor.bootstrap import Engine, open_engine
from opsconductor.domain.identity import Identity
from opsconductor.server.app import create_app
from opsconductor.server.credentials import BEARER, Credentials
from opsconductor.server.door_keeper import Seen
from opsconductor.server.local_socket import PEER_UID
from opsconductor.server.running_turns import RunningTurns
from opsconductor.settings import load_settings
from tests.service.homes import new_home, trained_cache

ADDRESS = "http://127.0.0.1:3005"


@dataclass(kw_only=True)
class Door:
    """The application with the ways into it."""

    engine: Engine
    app: FastAPI
    seen: list[Seen] = field(default_factory=list)

    @property
    def credentials(self) -> Credentials:
        return Credentials(self.engine.storage, self.engine.clock, self.engine.ids)

    async def identity(self, name: str = "requester") -> Identity:
        found = await self.engine.storage.identity("default", name)
        assert found is not None
        return found

    async def token(self, name: str = "requester", lifetime_s: float | None = None) -> str:
        owner = await self.identity(name)
        _, secret = await self.credentials.create(
            owner, kind=BEARER, label="test", lifetime_s=lifetime_s, actor=owner.identity_id
        )
        return secret

    def http(self, uid: int | None = None, **headers: str) -> httpx2.AsyncClient:
        """A client from the network, or of the user `uid` at the local socket."""
        app: ASGIApp = self.app if uid is None else at_socket(self.app, uid)
        transport = httpx2.ASGITransport(app=app)
        return httpx2.AsyncClient(transport=transport, base_url=ADDRESS, headers=headers)

    async def as_(self, name: str = "requester") -> httpx2.AsyncClient:
        """A client from the network with a bearer token of that identity."""
        return self.http(Authorization=f"Bearer {await self.token(name)}")


def at_socket(app: ASGIApp, uid: int) -> ASGIApp:
    """What the socket's protocol adds to each request."""

    async def called(scope: Scope, receive: Receive, send: Send) -> None:
        scope.setdefault("state", {})[PEER_UID] = uid
        await app(scope, receive, send)

    return called


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return trained_cache(tmp_path_factory)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def door(trained: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Door]:
    """One engine and application for the module; its tests run in the module's loop."""
    home = new_home(tmp_path_factory.mktemp("door") / "home", trained)
    async with open_engine(load_settings({"home": str(home)})) as engine, asyncio.TaskGroup() as tasks:
        turns = RunningTurns(engine, engine.storage, tasks)
        seen: list[Seen] = []
        app = create_app(engine, turns, address=ADDRESS, seen=seen.append)
        yield Door(engine=engine, app=app, seen=seen)


@pytest.fixture
def problem_of() -> Callable[[Any], tuple[int, str]]:
    """Status and code of a problem document, which must be one."""

    def told(response: httpx2.Response) -> tuple[int, str]:
        assert response.headers["content-type"] == "application/problem+json"
        document = response.json()
        assert document["status"] == response.status_code
        assert document["next_step"]
        return response.status_code, document["code"]

    return told
