"""Work in a forked process of its own. Only to be used by a process that has started no threads."""

import asyncio
import os
import sys
import traceback
from collections.abc import Callable, Coroutine
from typing import Any, NoReturn


def in_child(work: Coroutine[Any, Any, None]) -> int:
    """Do `work` in a forked child and wait for its end: its exit status, or minus the signal that killed it."""
    child = forked(lambda: asyncio.run(work))
    work.close()
    return end_of(child)


def answer_of(work: Coroutine[Any, Any, str]) -> str:
    """Do `work` in a forked child and take its answer. Raises RuntimeError when there is none."""
    reader, writer = os.pipe()
    child = forked(lambda: _answer(writer, asyncio.run(work)))
    work.close()
    os.close(writer)
    with os.fdopen(reader) as answers:
        answer = answers.read()
    if end_of(child) != 0:
        raise RuntimeError("A child of this process broke off.")
    return answer


def forked(work: Callable[[], None]) -> int:
    """The process id of a child that does `work` and nothing else."""
    return os.fork() or _do(work)


def end_of(child: int) -> int:
    """Wait for a child: its exit status, or minus the signal that killed it."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _answer(writer: int, answer: str) -> None:
    with os.fdopen(writer, "w") as answers:
        answers.write(answer)


def _do(work: Callable[[], None]) -> NoReturn:
    """Whatever the parent would still have to do is not the child's to do."""
    code = 1
    try:
        work()
        code = 0
    except BaseException:  # also an interrupt: nothing may reach the parent's code in the child
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
