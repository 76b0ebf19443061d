"""What may be dear runs in a process of its own that does not outlive its time."""

import asyncio
import sys
import time

import pytest

from opsconductor.adapters.expressions.cel import side_process
from opsconductor.adapters.expressions.cel.side_process import evaluate_beside
from opsconductor.domain.json_value import Json

FOREVER = "l.all(a, l.all(b, l.all(c, l.all(d, a + b + c + d >= 0))))"


@pytest.mark.parametrize(
    ("expression", "value", "missing", "fault"),
    [
        ("l.map(x, x * 2)", [2, 4], "", ""),
        ("l.exists(x, x == 2)", True, "", ""),
        ("l.map(x, x.y)", None, "", "overload"),
        ("m.k", None, "k", ""),
        ("a ==", None, "", "ends too early"),
    ],
)
async def test_it_answers_as_the_engine_does(expression: str, value: Json, missing: str, fault: str) -> None:
    evaluation = await evaluate_beside(expression, {"l": [1, 2], "m": {}}, 5.0)
    assert (evaluation.value, evaluation.missing) == (value, missing)
    assert fault in evaluation.fault
    assert bool(fault) == bool(evaluation.fault)


async def test_it_is_killed_when_its_time_is_up() -> None:
    started = time.monotonic()
    evaluation = await evaluate_beside(FOREVER, {"l": list(range(300))}, 0.1)
    assert time.monotonic() - started < 4
    assert evaluation.fault == "it took longer than 0.1 s"


async def test_cancelling_ends_the_process() -> None:
    started = time.monotonic()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await evaluate_beside(FOREVER, {"l": list(range(300))}, 60.0)
    assert time.monotonic() - started < 10


@pytest.mark.parametrize("program", ["no.such.program", "opsconductor"])
async def test_a_process_that_does_not_start_is_a_fault(monkeypatch: pytest.MonkeyPatch, program: str) -> None:
    monkeypatch.setattr(side_process, "PROGRAM", program)
    assert (await evaluate_beside("true", {}, 5.0)).fault == "the process for it did not start"


async def test_a_missing_interpreter_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/no/such/interpreter")
    assert "no process could be started" in (await evaluate_beside("true", {}, 5.0)).fault
