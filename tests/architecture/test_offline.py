"""`./test` needs no network: what stands in tests/conftest.py really closes it."""

import asyncio
import socket

import pytest


@pytest.mark.parametrize("address", ["192.0.2.1", "10.0.0.1", "8.8.8.8"])
async def test_a_test_reaches_this_machine_only(address: str) -> None:
    with socket.socket() as plain, pytest.raises(OSError, match="this machine only"):
        plain.connect((address, 9))
    with pytest.raises(OSError, match="this machine only"):
        await asyncio.open_connection(address, 9)


async def test_loopback_is_this_machine() -> None:
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
    async with server:
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        assert await reader.read() == b""
        writer.close()
