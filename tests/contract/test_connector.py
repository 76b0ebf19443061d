"""Every engine of the connector port keeps the port's promises against a real far side."""

import asyncio
import pkgutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

import opsconductor.adapters.connector
import opsconductor.testing.doubles.connector
from opsconductor.adapters.connector.http import open_http_connector
from opsconductor.adapters.connector.network import NetworkConnector
from opsconductor.adapters.connector.ssh import SshConnector
from opsconductor.adapters.secrets.files import FileSecrets
from opsconductor.domain.catalogue import ToolRun
from opsconductor.lab import Lab
from opsconductor.ports.connector import ConnectorCall
from opsconductor.services.asset_service.lab_assets import assets_from_lab
from opsconductor.testing.contracts.connector import PROMISES, ConnectorBench
from opsconductor.testing.doubles.clock.moving import MovingClockDouble
from opsconductor.testing.doubles.connector.scripted import ACT, HANG, NOT_SENT, ScriptedConnectorDouble
from opsconductor.testing.doubles.connector.world import WorldConnectorDouble
from opsconductor.testing.doubles.inventory.in_memory import an_asset
from opsconductor.testing.world.log import DONE
from opsconductor.testing.world.process import running_world
from opsconductor.testing.world.realm import SLOW

CALL = ConnectorCall(run=ToolRun(), inputs={}, tenant="default", timeout_s=5)


@asynccontextmanager
async def ssh(folder: Path) -> AsyncIterator[ConnectorBench]:
    async with Lab(folder / "lab") as lab:
        keys = FileSecrets(folder, {"lab-ssh-key": folder / "lab" / "keys" / "client"})
        host, trace = assets_from_lab(lab.assets(), "default")[0], folder / "trace"
        good = replace(
            CALL,
            run=ToolRun(argv=("sh", "-c", f"echo x >> {trace}"), parse="none"),
            target=host,
            credential_ref="lab-ssh-key",
        )
        yield ConnectorBench(
            connector=SshConnector(keys),
            good=good,
            hanging=replace(good, run=ToolRun(argv=("sleep", "600"))),
            nobody=replace(good, target=replace(host, connection={**host.connection, "port": 1})),
            seen=lambda: len(trace.read_text().split()) if trace.exists() else 0,
        )


@asynccontextmanager
async def http(folder: Path) -> AsyncIterator[ConnectorBench]:
    heads: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append(await reader.readuntil(b"\r\n\r\n"))
        if b"/hang" not in heads[-1]:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")
            await writer.drain()
        else:
            await reader.read()
        writer.close()

    async def known(tenant: str, address: str, port: int) -> bool:
        return True

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    base = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    good = replace(CALL, run=ToolRun(http={"method": "GET", "url": {"input": "url"}}), inputs={"url": f"{base}/"})
    async with open_http_connector({}, known) as connector:
        yield ConnectorBench(
            connector=connector,
            good=good,
            hanging=replace(good, inputs={"url": f"{base}/hang"}),
            nobody=replace(good, inputs={"url": "http://127.0.0.1:1/"}),
            seen=lambda: len(heads),
        )
    server.close()


@asynccontextmanager
async def network(folder: Path) -> AsyncIterator[ConnectorBench]:
    seen: list[int] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    class Counting(NetworkConnector):
        async def call(self, call: ConnectorCall):  # type: ignore[no-untyped-def]
            answer = await super().call(call)
            seen.extend([1] if answer.output["reachable"] else [])
            return answer

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    target = an_asset("app-01", ip="127.0.0.1", connection={"port": server.sockets[0].getsockname()[1]})
    good = replace(CALL, run=ToolRun(builtin="tcp_connect"), target=target)
    yield ConnectorBench(connector=Counting(), good=good, hanging=None, nobody=None, seen=lambda: len(seen))
    server.close()


@asynccontextmanager
async def scripted(folder: Path) -> AsyncIterator[ConnectorBench]:
    acting = ScriptedConnectorDouble(ACT)

    class Chosen(ScriptedConnectorDouble):
        """One double for each behaviour, over one world."""

        async def call(self, call: ConnectorCall):  # type: ignore[no-untyped-def]
            word = str(call.inputs.get("word", ACT))
            return await ScriptedConnectorDouble(word, world=acting.world).call(call)

    yield ConnectorBench(
        connector=Chosen(),
        good=CALL,
        hanging=replace(CALL, inputs={"word": HANG}),
        nobody=replace(CALL, inputs={"word": NOT_SENT}),
        seen=lambda: len(acting.world.effects),
    )


@asynccontextmanager
async def world(folder: Path) -> AsyncIterator[ConnectorBench]:
    with running_world(folder / "world") as process:
        good = replace(CALL, run=ToolRun(argv=("restart",)), target=an_asset("app-01"), inputs={"mark": "good"})
        process.behave("bench", "restart", "slow", SLOW, after_s=600)
        yield ConnectorBench(
            connector=WorldConnectorDouble(process.port, "bench", MovingClockDouble()),
            good=good,
            hanging=replace(good, inputs={"mark": "slow"}),
            nobody=None,
            seen=lambda: sum(entry.what == DONE for entry in process.log("bench")),
        )


BENCHES = {"http": http, "network": network, "ssh": ssh, "scripted": scripted, "world": world}


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.__name__)
@pytest.mark.parametrize("engine", sorted(BENCHES))
async def test_engine(engine: str, promise: Callable[[ConnectorBench], Awaitable[None]], tmp_path: Path) -> None:
    async with BENCHES[engine](tmp_path) as bench:
        await promise(bench)


def test_every_engine_is_tried() -> None:
    folders = (opsconductor.adapters.connector, opsconductor.testing.doubles.connector)
    found = {module.name for folder in folders for module in pkgutil.iter_modules(folder.__path__)}
    assert found == set(BENCHES)
