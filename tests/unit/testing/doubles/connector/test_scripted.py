"""The scripted connector acts on its world exactly as the script says, and logs every call."""

import asyncio

import pytest

from opsconductor.domain.catalogue import ToolRun
from opsconductor.ports.connector import ConnectorCall
from opsconductor.testing.doubles.connector.scripted import (
    ACT,
    ACT_THEN_FAIL,
    ACT_THEN_HANG,
    ACT_THEN_HANG_UP,
    FAIL,
    HANG,
    HANG_UP,
    LIE,
    NOT_SENT,
    ScriptedConnectorDouble,
)

CALL = ConnectorCall(run=ToolRun(argv=("act",)), inputs={}, tenant="default", timeout_s=1)
READ = ConnectorCall(run=ToolRun(argv=("read",)), inputs={}, tenant="default", timeout_s=1)


@pytest.mark.parametrize(
    ("word", "acted", "outcome", "ok"),
    [
        (ACT, True, "done", True),
        (LIE, False, "done", True),
        (FAIL, False, "done", False),
        (ACT_THEN_FAIL, True, "done", False),
        (ACT_THEN_HANG_UP, True, "unknown", False),
        (HANG_UP, False, "unknown", False),
        (NOT_SENT, False, "not_sent", False),
    ],
)
async def test_what_it_does_and_what_it_says(word: str, acted: bool, outcome: str, ok: bool) -> None:
    connector = ScriptedConnectorDouble(word)
    answer = await connector.call(CALL)
    assert (answer.outcome, answer.ok) == (outcome, ok)
    assert bool(connector.world.effects) is acted


@pytest.mark.parametrize(("word", "acted"), [(HANG, False), (ACT_THEN_HANG, True)])
async def test_it_hangs(word: str, acted: bool) -> None:
    connector = ScriptedConnectorDouble(word)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await connector.call(CALL)
    assert bool(connector.world.effects) is acted


async def test_the_script_runs_in_order_and_its_last_word_holds() -> None:
    connector = ScriptedConnectorDouble(NOT_SENT, ACT)
    assert [(await connector.call(CALL)).outcome for _ in range(3)] == ["not_sent", "done", "done"]
    assert (await connector.call(READ)).output == {"count": 2}
    connector.readable = False
    assert (await connector.call(READ)).outcome == "not_sent"
    assert (len(connector.calls), len(connector.changes)) == (5, 3)
