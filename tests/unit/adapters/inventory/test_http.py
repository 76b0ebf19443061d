"""The client against the real service, and against a socket that answers what a service must not."""

import asyncio
import contextlib
import gzip
import json
import socket
import statistics
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from opsconductor.adapters.inventory.http import HttpInventory, open_inventory
from opsconductor.domain.assets import AssetQuery
from opsconductor.domain.errors import OpsConductorError, Unavailable
from opsconductor.services.asset_service.app import AssetService
from opsconductor.services.asset_service.running import running_service
from opsconductor.services.asset_service.seed import seed_assets
from opsconductor.testing.doubles.asset_store.in_memory import InMemoryAssetStoreDouble, open_asset_store

HOME = "home_test"
COUNT = AssetQuery(query_type="count")


async def code_of(call: object) -> str:
    with pytest.raises(OpsConductorError) as caught:
        await call  # type: ignore[misc]
    return caught.value.code


@asynccontextmanager
async def asking(base_url: str, home_id: str = HOME) -> AsyncIterator[HttpInventory]:
    async with open_inventory(lambda: base_url, lambda tenant: f"token-{tenant}", home_id) as inventory:
        yield inventory


def a_service(store: InMemoryAssetStoreDouble, home_id: str = HOME) -> AssetService:
    return AssetService(store, {"token-default": "default", "token-other": "other"}.get, home_id)


@pytest.fixture
async def store() -> InMemoryAssetStoreDouble:
    found = open_asset_store()
    await found.put_assets("default", "seed", seed_assets("default"), retire_missing=False, dry_run=False, actor="test")
    return found


@asynccontextmanager
async def answering(answer: Callable[[bytes], bytes]) -> AsyncIterator[tuple[str, list[bytes]]]:
    """A socket that sends `answer(request)`; its address, and the requests that came."""
    requests: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await reader.readuntil(b"\r\n\r\n") if not reader.at_eof() else b"":
            length = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
            body = await reader.readexactly(int(length[0].split(b":")[1])) if length else b""
            requests.append(head + body)
            writer.write(answer(head + body))
            break
        await writer.drain()
        writer.close()

    async def guarded(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await serve(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            writer.close()

    server = await asyncio.start_server(guarded, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", requests


def http(body: bytes, *headers: str, status: str = "200 OK", home: str = HOME) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"OpsConductor-Home: {home}", "Connection: close", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, *headers, "", ""]).encode() + body


def healthy_then(answer: bytes) -> Callable[[bytes], bytes]:
    return lambda request: http(b"{}") if b"/healthz" in request else answer


async def test_a_stopped_service_is_unavailable_and_never_a_count() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        base_url = f"http://127.0.0.1:{free.getsockname()[1]}"
    async with asking(base_url) as inventory:
        assert await code_of(inventory.query("default", COUNT)) == "inventory.unavailable"
        assert await code_of(inventory.resolve("default", ["WS-01"])) == "inventory.unavailable"
        assert await code_of(inventory.vocabulary("default")) == "inventory.unavailable"
        assert await code_of(inventory.assets("default", ["x"])) == "inventory.unavailable"


async def test_it_finds_the_service_again_after_a_restart(store: InMemoryAssetStoreDouble) -> None:
    async with contextlib.AsyncExitStack() as stack:
        async with running_service(a_service(store)) as running:
            inventory = await stack.enter_async_context(asking(running.base_url))
            assert (await inventory.query("default", COUNT)).total_count == 6
        assert await code_of(inventory.query("default", COUNT)) == "inventory.unavailable"
        async with running_service(a_service(store), port=running.port):
            assert (await inventory.query("default", COUNT)).total_count == 6


async def test_a_service_of_another_home_gets_no_token_and_is_not_believed() -> None:
    async with answering(lambda request: http(b"{}", home="home_other")) as (base_url, requests):
        async with asking(base_url) as inventory:
            assert await code_of(inventory.query("default", COUNT)) == "inventory.bad_answer"
        assert len(requests) == 1
        assert b"token-default" not in b"".join(requests)


async def test_a_program_that_is_no_asset_service_gets_no_token() -> None:
    plain = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"
    async with answering(lambda request: plain) as (base_url, requests), asking(base_url) as inventory:
        assert await code_of(inventory.vocabulary("default")) == "inventory.bad_answer"
        assert b"token-default" not in b"".join(requests)


async def test_a_real_service_of_another_home_is_not_believed(store: InMemoryAssetStoreDouble) -> None:
    async with running_service(a_service(store, "home_other")) as running, asking(running.base_url) as inventory:
        assert await code_of(inventory.query("default", COUNT)) == "inventory.bad_answer"


@pytest.mark.parametrize(
    "answer",
    [
        http(b"", "Location: http://127.0.0.1:1/elsewhere", status="302 Found"),
        http(b"<html>"),
        http(b""),
        http(b"[]"),
        http(b"{}"),
        http(b'{"success": true, "total_count": "many", "breakdown": {}}'),
        http(b'{"success": true, "total_count": -1, "breakdown": {}}'),
        http(b'{"success": false, "total_count": 6, "breakdown": {}}'),
        http(b"", status="304 Not Modified"),
        http(b"{}", status="401 Unauthorized"),
        http(b"{}", status="404 Not Found"),
        http(b'{"success": true, "total_count": 6, "breakdown": {}}', home="home_other"),
    ],
)
async def test_an_answer_that_is_not_as_promised_is_not_believed(answer: bytes) -> None:
    async with answering(healthy_then(answer)) as (base_url, _), asking(base_url) as inventory:
        assert await code_of(inventory.query("default", COUNT)) == "inventory.bad_answer"


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"no http at all\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nOpsConductor-Home: home_test\r\nContent-Length: 500\r\n\r\n{",
        http(b"{}", "Content-Encoding: gzip"),
        http(b'{"code": "store.locked", "detail": "Another process holds it."}', status="503 Unavailable"),
        http(b"oops", status="500 Internal Server Error"),
    ],
)
async def test_an_answer_that_breaks_off_or_tells_a_fault_is_unavailable(answer: bytes) -> None:
    async with answering(healthy_then(answer)) as (base_url, _), asking(base_url) as inventory:
        assert await code_of(inventory.query("default", COUNT)) == "inventory.unavailable"


async def test_an_answer_is_read_up_to_the_cap_only_packed_ones_included() -> None:
    huge = gzip.compress(b'{"assets": "' + b"x" * 40_000_000 + b'"}')
    assert len(huge) < 100_000
    answer = http(huge, "Content-Encoding: gzip")
    async with answering(healthy_then(answer)) as (base_url, _), asking(base_url) as inventory:
        with pytest.raises(Unavailable, match="larger than 16777216 bytes") as caught:
            await inventory.query("default", COUNT)
        assert caught.value.code == "inventory.bad_answer"


async def test_a_service_that_does_not_answer_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("opsconductor.adapters.inventory.http.READ_S", 0.1)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        async with asking(f"http://127.0.0.1:{silent.getsockname()[1]}") as inventory:
            assert await code_of(inventory.query("default", COUNT)) == "inventory.unavailable"


async def test_a_wrong_query_is_told_as_the_askers_mistake(store: InMemoryAssetStoreDouble) -> None:
    async with running_service(a_service(store)) as running, asking(running.base_url) as inventory:
        wrong = replace(COUNT, filters={"colour": "red"})
        assert await code_of(inventory.query("default", wrong)) == "inventory.bad_query"
        assert await code_of(inventory.query("default", replace(COUNT, query_type="drop"))) == "inventory.bad_query"
        assert await code_of(inventory.query("default", replace(COUNT, limit=0))) == "request.invalid"


async def test_a_tenant_without_a_token_is_refused_by_the_service(store: InMemoryAssetStoreDouble) -> None:
    async with running_service(a_service(store)) as running, asking(running.base_url) as inventory:
        assert (await inventory.query("other", COUNT)).total_count == 0
        assert await code_of(inventory.query("stranger", COUNT)) == "inventory.bad_answer"


async def test_a_connection_the_service_closed_meanwhile_is_opened_again() -> None:
    answers = iter([http(b"{}"), b"", http(b"{}"), http(b'{"success": true, "total_count": 1, "breakdown": {"a": 1}}')])
    async with answering(lambda request: next(answers)) as (base_url, requests), asking(base_url) as inventory:
        assert (await inventory.query("default", COUNT)).total_count == 1
        paths = [request.split(b" ")[1] for request in requests]
        assert paths == [b"/healthz", b"/query", b"/healthz", b"/query"]


async def test_the_vocabulary_is_confirmed_and_follows_the_inventory(store: InMemoryAssetStoreDouble) -> None:
    async with running_service(a_service(store)) as running, asking(running.base_url) as inventory:
        first = await inventory.vocabulary("default")
        assert await inventory.vocabulary("default") is first
        assert (await inventory.vocabulary("other")).values["type"] == ()
        await store.put_assets("default", "seed", [], retire_missing=True, dry_run=False, actor="test")
        after = await inventory.vocabulary("default")
        assert (after.revision, after.values["type"]) == (first.revision + 1, ())


async def test_the_service_may_move_to_another_port(store: InMemoryAssetStoreDouble) -> None:
    where = ""
    async with open_inventory(lambda: where, lambda tenant: "token-default", HOME) as inventory:
        for _ in range(2):
            async with running_service(a_service(store)) as running:
                where = running.base_url
                assert (await inventory.query("default", COUNT)).total_count == 6
        assert await code_of(inventory.query("default", COUNT)) == "inventory.unavailable"


async def test_proxies_of_the_environment_are_not_used(
    store: InMemoryAssetStoreDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    async with running_service(a_service(store)) as running, asking(running.base_url) as inventory:
        assert (await inventory.query("default", COUNT)).total_count == 6


async def test_many_texts_and_ids_go_in_several_requests(store: InMemoryAssetStoreDouble) -> None:
    async with running_service(a_service(store)) as running, asking(running.base_url) as inventory:
        texts = [f"no-such-host-{number}-{'x' * 50}" for number in range(2_500)] + [
            "WS-02",
            "x" * 300,
            "a\0b",
            "\ud800",
        ]
        mentions = await inventory.resolve("default", texts)
        assert [(mention.text, mention.kind) for mention in mentions] == [("WS-02", "host")]
        ids = [f"asset_{number}" for number in range(2_500)] + [seed_assets("default")[0].asset_id]
        assert [asset.name for asset in await inventory.assets("default", ids)] == ["WS-01"]


async def test_what_is_sent_is_json_with_a_bearer_token() -> None:
    told = json.dumps({"success": True, "total_count": 0, "breakdown": {}}).encode()
    async with answering(healthy_then(http(told))) as (base_url, requests), asking(base_url) as inventory:
        await inventory.query("default", AssetQuery(query_type="search", text="Zürich"))
        head, _, body = requests[-1].partition(b"\r\n\r\n")
        assert b"authorization: bearer token-default" in head.lower()
        assert json.loads(body)["text"] == "Zürich"


async def test_a_warm_call_costs_a_few_milliseconds(store: InMemoryAssetStoreDouble) -> None:
    async with running_service(a_service(store)) as running, asking(running.base_url) as inventory:
        times = []
        for _ in range(30):
            started = time.perf_counter()
            await inventory.query("default", COUNT)
            times.append(time.perf_counter() - started)
        assert statistics.median(times) < 0.005
