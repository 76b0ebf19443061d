"""A TCP connection tells whether something answers; a closed port is an answer."""

import asyncio
import socket
from dataclasses import replace
from typing import Any

import pytest

from opsconductor.adapters.connector.network import NetworkConnector
from opsconductor.domain.catalogue import ToolRun
from opsconductor.domain.json_value import Json
from opsconductor.ports.connector import ConnectorCall
from opsconductor.testing.doubles.inventory.in_memory import an_asset


def call(ip: str, port: Json, **changes: Any) -> ConnectorCall:
    target = an_asset("app-01", ip=ip, connection={"port": port})
    run = ToolRun(builtin="tcp_connect")
    return replace(ConnectorCall(run=run, inputs={}, tenant="default", timeout_s=2, target=target), **changes)


async def test_an_open_port_is_reachable_and_nothing_is_sent() -> None:
    received: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        received.append(await reader.read())
        writer.close()
        ended.set()

    ended = asyncio.Event()
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    answer = await NetworkConnector().call(call("127.0.0.1", port))
    await asyncio.wait_for(ended.wait(), 5)
    server.close()
    assert isinstance(answer.output, dict)
    assert (answer.outcome, answer.ok, answer.output["reachable"]) == ("done", True, True)
    assert answer.request == {"address": "127.0.0.1", "port": port}
    assert received == [b""]


async def test_a_closed_port_is_an_answer() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    answer = await NetworkConnector().call(call("127.0.0.1", port))
    assert isinstance(answer.output, dict)
    assert (answer.outcome, answer.ok) == ("done", True)
    assert (answer.output["reachable"], answer.output["reason"]) == (False, "connection refused or no route")


async def test_a_silent_port_is_an_answer_within_the_time_out() -> None:
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        port = full.getsockname()[1]
        fillers = [socket.socket() for _ in range(8)]  # fill its queue: the next one is not answered
        try:
            for filler in fillers:
                filler.setblocking(False)
                filler.connect_ex(("127.0.0.1", port))
            answer = await NetworkConnector().call(call("127.0.0.1", port, timeout_s=0.3))
        finally:
            for filler in fillers:
                filler.close()
    assert isinstance(answer.output, dict)
    assert (answer.output["reachable"], answer.output["reason"]) == (False, "no answer")


@pytest.mark.parametrize(
    ("ip", "port"), [("", 22), ("127.0.0.1", None), ("127.0.0.1", "22"), ("127.0.0.1", 0), ("127.0.0.1", 70_000)]
)
async def test_without_an_address_and_a_port_nothing_is_sent(ip: str, port: Json) -> None:
    answer = await NetworkConnector().call(call(ip, port))
    assert (answer.outcome, answer.ok, answer.error_code) == ("not_sent", False, "connector.unreachable")


async def test_it_knows_one_builtin_and_needs_a_target() -> None:
    connector = NetworkConnector()
    assert (await connector.call(call("127.0.0.1", 22, run=ToolRun(builtin="udp")))).outcome == "not_sent"
    assert (await connector.call(call("127.0.0.1", 22, target=None))).outcome == "not_sent"
