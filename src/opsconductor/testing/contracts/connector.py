"""What every engine of the connector port promises, tried on a far side that acts, refuses, hangs, or is not there."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from opsconductor.ports.connector import Connector, ConnectorCall, ConnectorResult, Previewing

OUTCOMES = frozenset({"done", "not_sent", "unknown"})


@dataclass(frozen=True, kw_only=True)
class ConnectorBench:
    """An open connector and calls to a far side that behaves as the field says; `seen` counts what reached it."""

    connector: Connector
    good: ConnectorCall
    hanging: ConnectorCall | None  # None: this kind of call cannot hang, it ends by itself
    nobody: ConnectorCall | None  # None: that nobody answers is this connector's answer
    seen: Callable[[], int]


async def _outcome(bench: ConnectorBench, call: ConnectorCall) -> ConnectorResult:
    answer = await bench.connector.call(call)
    assert answer.outcome in OUTCOMES
    assert answer.ok is (answer.error_code == "")
    assert not answer.ok or answer.outcome == "done"
    return answer


async def a_good_call_is_done_once_and_told(bench: ConnectorBench) -> None:
    """Once at the far side, with what was sent in the result."""
    before = bench.seen()
    answer = await _outcome(bench, bench.good)
    assert answer.ok
    assert answer.request
    assert bench.seen() == before + 1


async def a_preview_shows_what_is_then_sent_and_sends_nothing(bench: ConnectorBench) -> None:
    """All that the call tells as its request stands in the preview, for a connector that gives one."""
    if not isinstance(bench.connector, Previewing):
        return
    before = bench.seen()
    shown = bench.connector.preview(bench.good)
    assert bench.seen() == before
    answer = await _outcome(bench, bench.good)
    assert answer.request
    assert answer.request.items() <= shown.items()


async def nobody_there_is_not_sent(bench: ConnectorBench) -> None:
    """`not_sent` with a code and a sentence; nothing reached anybody."""
    if bench.nobody is None:
        return
    before = bench.seen()
    answer = await _outcome(bench, bench.nobody)
    assert answer.outcome == "not_sent"
    assert answer.error_code.startswith("connector.")
    assert answer.error.endswith(".")
    assert bench.seen() == before


async def cancelling_ends_a_hanging_call_at_once(bench: ConnectorBench) -> None:
    """Within moments, and the connector serves the next call."""
    if bench.hanging is not None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        try:
            async with asyncio.timeout(0.5):
                await bench.connector.call(bench.hanging)
        except TimeoutError:
            assert loop.time() - began < 3
        else:
            raise AssertionError("the call did not hang")
    assert (await _outcome(bench, bench.good)).ok


async def calls_at_once_do_not_disturb_each_other(bench: ConnectorBench) -> None:
    """Five together are five good answers."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(_outcome(bench, bench.good)) for _ in range(5)]
    assert all(task.result().ok for task in tasks)


PROMISES: tuple[Callable[[ConnectorBench], Awaitable[None]], ...] = (
    a_good_call_is_done_once_and_told,
    a_preview_shows_what_is_then_sent_and_sends_nothing,
    nobody_there_is_not_sent,
    cancelling_ends_a_hanging_call_at_once,
    calls_at_once_do_not_disturb_each_other,
)
