"""The door of the World: one request a connection, and whoever hung up does not stop it."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from opsconductor.testing.world.log import ASKED, DONE, LOOKED, read_world_log
from opsconductor.testing.world.realm import REFUSE, SLOW
from opsconductor.testing.world.server import WorldServer, log_of

ASK = {"realm": "r", "now": 1, "do": "ask", "verb": "restart", "mark": "m1", "target": "app-01"}


@pytest.fixture
async def port(tmp_path: Path) -> AsyncIterator[int]:
    async with await asyncio.start_server(WorldServer(tmp_path).meet, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1]


async def exchange(port: int, request: dict[str, Any] | None) -> list[dict[str, Any]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    if request is not None:
        writer.write(json.dumps(request).encode() + b"\n")
    writer.write_eof()
    answers = [json.loads(line) for line in (await reader.read()).splitlines()]
    writer.close()
    return answers


async def behave(port: int, behaviour: str, after_s: float = 0.0) -> None:
    how = {"verb": "restart", "mark": "m1", "behaviour": behaviour, "after_s": after_s}
    assert await exchange(port, {"realm": "r", "now": 0, "do": "behave", **how}) == [{}]


async def test_an_effect_is_confirmed_with_what_can_be_seen_now(port: int) -> None:
    assert await exchange(port, ASK) == [{"asked": 1}, {"ok": True, "count": 1, "undone": 0}]


async def test_a_slow_effect_is_confirmed_when_it_is_done(port: int) -> None:
    await behave(port, SLOW, 0.01)
    assert (await exchange(port, ASK))[1] == {"ok": True, "count": 1, "undone": 0}


async def test_a_refusal_is_said(port: int) -> None:
    await behave(port, REFUSE)
    assert (await exchange(port, ASK))[1] == {"ok": False, "count": 0, "undone": 0}


async def test_whoever_hangs_up_at_once_does_not_stop_what_was_asked(port: int, tmp_path: Path) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(json.dumps(ASK).encode() + b"\n")
    writer.close()
    assert await exchange(port, None) == []
    assert await exchange(port, {"realm": "r", "now": 2, "do": "read", "target": "app-01"}) == [
        {"count": 1, "undone": 0}
    ]
    assert [entry.what for entry in read_world_log(log_of(tmp_path, "r"))] == [ASKED, DONE, LOOKED]
