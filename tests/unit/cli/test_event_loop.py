import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from opsconductor.cli.event_loop import held_open


def test_work_runs_in_the_loop_of_another_thread_between_entering_and_leaving() -> None:
    told: list[str] = []
    tasks: list[object] = []

    @asynccontextmanager
    async def opening() -> AsyncIterator[str]:
        tasks.append(asyncio.current_task())
        told.append("entered")
        async with asyncio.TaskGroup():
            yield "value"
        tasks.append(asyncio.current_task())
        told.append("left")

    async def where() -> str:
        await asyncio.sleep(0)
        return threading.current_thread().name

    with held_open(opening()) as (value, loop):
        assert value == "value"
        assert loop.start(where()).result(5) != threading.current_thread().name
    assert told == ["entered", "left"]
    assert tasks[0] is tasks[1]


def test_what_entering_or_leaving_raises_is_raised_here() -> None:
    @asynccontextmanager
    async def failing(where: str) -> AsyncIterator[None]:
        if where == "enter":
            raise ValueError(where)
        yield
        raise ValueError(where)

    for where in ("enter", "leave"):
        with pytest.raises(ValueError, match=where), held_open(failing(where)):
            pass


def test_an_error_of_the_work_belongs_to_who_asked_for_it() -> None:
    @asynccontextmanager
    async def opening() -> AsyncIterator[None]:
        yield

    async def broken() -> None:
        raise KeyError("work")

    with held_open(opening()) as (_, loop), pytest.raises(KeyError):
        loop.start(broken()).result(5)
