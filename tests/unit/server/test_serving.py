import asyncio
import json
import os
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import httpx2
import pytest

from opsconductor.adapters.audit.hmac_seal import HmacSeal, load_or_create_key
from opsconductor.adapters.storage.sqlite import open_storage
from opsconductor.domain.errors import OpsConductorError
from opsconductor.domain.execution import ExecutionStatus
from opsconductor.server.server_lock import ServerAddress, is_held, running_server
from opsconductor.server.serving import Started, address_of, serve
from opsconductor.settings import Settings, load_settings
from opsconductor.testing.contracts.storage import samples
from tests.service.homes import new_home


@pytest.fixture
def settings(trained: Path, tmp_path: Path) -> Settings:
    home = new_home(tmp_path / "home", trained)
    return replace(load_settings({"home": str(home), "port": "0"}), asset_service_port=0)


@asynccontextmanager
async def serving(settings: Settings, *, lab: bool = False) -> AsyncIterator[Started]:
    """A server in this process, ended by the signal that a person would send."""
    ready: asyncio.Future[Started] = asyncio.get_running_loop().create_future()
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(serve(settings, lab=lab, announce=ready.set_result))
        done, _ = await asyncio.wait({ready, task}, return_when=asyncio.FIRST_COMPLETED)
        if task in done:
            await task
        yield await ready
        if announced(settings):
            os.kill(os.getpid(), signal.SIGTERM)


def announced(settings: Settings) -> bool:
    """Whether the server has not been told to stop yet: then it takes its address back."""
    return bool((settings.home / "server.lock").read_text())


def exists(path: str) -> bool:
    return Path(path).exists()


def address(settings: Settings) -> ServerAddress:
    found = running_server(settings.home)
    assert found is not None
    return found


async def test_it_answers_at_the_address_and_the_socket_it_says_until_it_is_told_to_stop(settings: Settings) -> None:
    async with serving(settings) as started:
        told = address(settings)
        assert (told.address, told.pid) == (started.address, os.getpid())
        async with httpx2.AsyncClient(base_url=started.address) as http:
            assert (await http.get("/readyz")).status_code == 200
            assert (await http.get("/tools")).status_code == 401
            assert (await http.get(started.sign_in_url)).status_code == 303
        transport = httpx2.AsyncHTTPTransport(uds=told.socket)
        async with httpx2.AsyncClient(transport=transport, base_url="http://localhost") as local:
            assert (await local.get("/tools")).status_code == 200
        assert started.first_start is not None
        assert started.recovered == ()
    assert not is_held(settings.home)
    assert not exists(told.socket)
    with pytest.raises(OSError, match=r"refused|connect"):
        socket.create_connection(("127.0.0.1", int(started.address.rpartition(":")[2])), timeout=2)


async def test_what_follows_a_reply_is_delivered(settings: Settings) -> None:
    async with serving(settings) as started, httpx2.AsyncClient(base_url=started.address) as http:
        await http.get(started.sign_in_url)
        headers = {"Origin": started.address}
        reply = await http.post("/pipeline", json={"request": "How many assets do we have?"}, headers=headers)
        assert reply.json()["kind"] == "answer"
        store = settings.home / "opsconductor.db"
        assert store.exists()
        async with asyncio.timeout(20):
            while await outbox_size(settings):
                await asyncio.sleep(0.05)


async def outbox_size(settings: Settings) -> int:
    from opsconductor.adapters.audit.hmac_seal import HmacSeal, load_or_create_key
    from opsconductor.adapters.storage.sqlite import open_storage

    seal = HmacSeal(load_or_create_key(settings.home / "keys" / "audit.key"))
    async with open_storage(settings.database, seal) as storage:
        return len(await storage.outbox_due(10))


async def test_a_turn_under_way_is_finished_when_the_server_is_told_to_stop(settings: Settings) -> None:
    async with serving(settings) as started, asyncio.TaskGroup() as clients:
        http = httpx2.AsyncClient(base_url=started.address)
        await http.get(started.sign_in_url)
        headers = {"Origin": started.address}
        asked = clients.create_task(
            http.post("/pipeline", json={"request": "How many assets do we have?"}, headers=headers, timeout=30)
        )
        while "turn_" not in str([task.get_name() for task in asyncio.all_tasks()]):
            await asyncio.sleep(0)
        os.kill(os.getpid(), signal.SIGTERM)
    reply = asked.result()
    assert (reply.status_code, reply.json()["kind"]) == (200, "answer")
    await http.aclose()


async def test_a_second_server_of_the_home_is_refused(settings: Settings) -> None:
    async with serving(settings) as started:
        with pytest.raises(OpsConductorError) as refused:
            await serve(settings, lab=False, announce=lambda _: None)
    assert refused.value.code == "server.already_running"
    assert started.address in refused.value.message


@pytest.mark.parametrize("which", ["port", "asset_service_port"])
async def test_a_port_in_use_is_told_and_nothing_stays_behind(settings: Settings, which: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = replace(settings, **{which: other.getsockname()[1]})
        with pytest.raises(OpsConductorError) as refused:
            await serve(taken, lab=False, announce=lambda _: None)
    assert refused.value.code == "server.port_in_use"
    assert not is_held(settings.home)
    async with serving(settings):
        assert is_held(settings.home)


async def test_an_address_that_is_not_ours_is_a_wrong_setting(settings: Settings) -> None:
    with pytest.raises(OpsConductorError) as refused:
        await serve(replace(settings, host="203.0.113.1"), lab=False, announce=lambda _: None)
    assert refused.value.code == "settings.invalid"


async def test_the_lock_file_holds_no_secret(settings: Settings) -> None:
    async with serving(settings) as started:
        text = (settings.home / "server.lock").read_text()
        assert set(json.loads(text)) == {"address", "pid", "home_id", "socket", "started_at"}
        assert started.sign_in_url.partition("=")[2] not in text


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:5"),
        ("0.0.0.0", "http://127.0.0.1:5"),
        ("::1", "http://[::1]:5"),
        ("ops.example", "http://ops.example:5"),
    ],
)
def test_the_address_is_one_that_this_machine_can_call(host: str, url: str) -> None:
    assert address_of(host, 5) == url


async def test_what_nobody_works_on_any_more_is_settled_while_it_serves(settings: Settings) -> None:
    running = replace(samples.execution(), status=ExecutionStatus.RUNNING, owner="1-1-gone")
    async with serving(settings):
        seal = HmacSeal(load_or_create_key(settings.home / "keys" / "audit.key"))
        async with open_storage(settings.database, seal) as store:
            unit = store.begin()
            unit.add_execution(running)
            await unit.commit()
            async with asyncio.timeout(30):
                while (found := await store.execution("default", running.execution_id)) is None or (
                    found.status is ExecutionStatus.RUNNING
                ):
                    await asyncio.sleep(0.05)
            assert found.status is ExecutionStatus.FAILED
