import asyncio
import contextlib
import signal
import socket
import time

import httpx2
import pytest

from opsconductor.domain.errors import OpsConductorError
from opsconductor.services.asset_service.app import AssetService
from opsconductor.services.asset_service.running import running_service
from opsconductor.testing.doubles.asset_store.in_memory import open_asset_store


def a_service() -> AssetService:
    return AssetService(open_asset_store(), {"t": "default"}.get, "home_test")


async def health(base_url: str) -> int:
    async with httpx2.AsyncClient(trust_env=False) as client:
        return (await client.get(base_url + "/healthz")).status_code


async def test_it_takes_a_free_port_and_answers_there() -> None:
    async with running_service(a_service()) as one, running_service(a_service()) as other:
        assert one.port != other.port
        assert one.base_url == f"http://127.0.0.1:{one.port}"
        assert [await health(one.base_url), await health(other.base_url)] == [200, 200]


async def test_it_takes_the_port_it_is_told_and_gives_it_back() -> None:
    async with running_service(a_service()) as first:
        port = first.port
    for _ in range(3):
        async with running_service(a_service(), port=port) as again:
            assert again.port == port
            assert await health(again.base_url) == 200


async def test_a_port_in_use_is_told() -> None:
    async with running_service(a_service()) as first:
        with pytest.raises(OpsConductorError) as caught:
            async with running_service(a_service(), port=first.port):
                pass
        assert caught.value.code == "server.port_in_use"
        assert str(first.port) in caught.value.message
        assert await health(first.base_url) == 200


@pytest.mark.parametrize(("host", "port"), [("203.0.113.7", 0), ("nowhere", 0), ("127.0.0.1", 70_000)])
async def test_an_address_that_is_not_ours_is_told(host: str, port: int) -> None:
    with pytest.raises(OpsConductorError) as caught:
        async with running_service(a_service(), host=host, port=port):
            pass
    assert caught.value.code == "settings.invalid"


async def test_it_stops_with_the_block_and_leaves_nothing_behind() -> None:
    handlers = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    tasks = asyncio.all_tasks()
    async with running_service(a_service()) as running:
        assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == handlers
        client = httpx2.AsyncClient(trust_env=False)  # its kept connection must not hold the service up
        assert (await client.get(running.base_url + "/healthz")).status_code == 200
        started = time.perf_counter()
    assert time.perf_counter() - started < 1
    assert asyncio.all_tasks() == tasks
    await client.aclose()
    with pytest.raises(httpx2.ConnectError):
        await health(running.base_url)


async def test_a_request_under_way_is_finished_before_it_stops() -> None:
    asked, go = asyncio.Event(), asyncio.Event()

    async def verify(token: str) -> str:
        asked.set()
        await go.wait()
        return "default"

    service = AssetService(open_asset_store(), verify, "home_test")
    headers = {"Authorization": "Bearer t"}
    client, group = httpx2.AsyncClient(trust_env=False), asyncio.TaskGroup()
    async with client, group, running_service(service) as running:
        call = group.create_task(client.get(running.base_url + "/vocabulary", headers=headers))
        await asked.wait()
        asyncio.get_running_loop().call_later(0.05, go.set)
    assert call.result().status_code == 200


async def test_a_request_that_never_ends_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("opsconductor.services.asset_service.running.GRACE_S", 0.05)
    asked = asyncio.Event()

    async def verify(token: str) -> str:
        asked.set()
        await asyncio.Event().wait()
        return "default"

    tasks = asyncio.all_tasks()
    async with running_service(AssetService(open_asset_store(), verify, "home_test")) as running:
        reader, writer = await asyncio.open_connection(running.host, running.port)
        writer.write(b"GET /vocabulary HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer t\r\n\r\n")
        await asked.wait()
    assert asyncio.all_tasks() == tasks
    with contextlib.suppress(ConnectionResetError):
        assert await reader.read() == b""
    writer.close()


async def test_a_failure_in_the_block_stops_it_too() -> None:
    with pytest.raises(ZeroDivisionError):
        async with running_service(a_service()) as running:
            raise ZeroDivisionError
    with socket.socket() as probe:
        assert probe.connect_ex((running.host, running.port)) != 0


async def test_it_starts_within_thirty_milliseconds() -> None:
    async with running_service(a_service()):
        pass  # imports on first use are not counted
    times = []
    for _ in range(5):
        started = time.perf_counter()
        async with running_service(a_service()):
            times.append(time.perf_counter() - started)
    assert min(times) < 0.030
