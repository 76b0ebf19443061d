"""An event loop in a thread of its own, so that the main thread can wait for a person: Ctrl-C reaches it at once."""

import asyncio
from collections.abc import Coroutine, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import AbstractAsyncContextManager, contextmanager
from typing import Any, TypeVar

T = TypeVar("T")


class LoopThread:
    """The running loop; coroutines are given to it from other threads."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop

    def start(self, work: Coroutine[Any, Any, T]) -> "Future[T]":
        """Start a coroutine; its result comes through the future."""
        return asyncio.run_coroutine_threadsafe(work, self._loop)


@contextmanager
def held_open(opening: AbstractAsyncContextManager[T]) -> Iterator[tuple[T, LoopThread]]:
    """Enter `opening` in a loop of its own thread, and leave it there in the same task when the block ends.

    Raises what entering or leaving raises.
    """
    opened: Future[tuple[T, asyncio.AbstractEventLoop, asyncio.Event]] = Future()

    async def hold() -> None:
        stop = asyncio.Event()
        async with opening as value:
            opened.set_result((value, asyncio.get_running_loop(), stop))
            await stop.wait()

    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="engine") as threads:
        life = threads.submit(asyncio.run, hold())
        futures: list[Future[Any]] = [opened, life]
        wait(futures, return_when=FIRST_COMPLETED)
        if life.done():
            life.result()
        value, loop, stop = opened.result()
        try:
            yield value, LoopThread(loop)
        finally:
            loop.call_soon_threadsafe(stop.set)
            life.result()
