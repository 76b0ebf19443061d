"""Children do their work in a process of their own: how they end is told, and nothing of the parent goes on in them."""

import subprocess
import sys

_PROGRAM = """
import os, signal
from opsconductor.testing.crash.children import answer_of, end_of, forked, in_child

async def dies():
    os.kill(os.getpid(), signal.SIGKILL)

async def works():
    print("works", flush=True)

async def answers():
    return "x" * 100_000

async def fails():
    raise ValueError("a fault")

print(in_child(works()), in_child(dies()), in_child(fails()), flush=True)
print(end_of(forked(lambda: None)), len(answer_of(answers())), flush=True)
try:
    answer_of(fails())
except RuntimeError as error:
    print(error)
"""


def test_the_end_of_a_child_is_told() -> None:
    command = [sys.executable, "-c", _PROGRAM]  # a process without threads, as forking wants it
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=50)
    assert done.stdout.splitlines() == ["works", "0 -9 1", "0 100000", "A child of this process broke off."], (
        done.stderr
    )
    assert done.stderr.count("ValueError: a fault") == 2
