"""Evaluates what may be dear in a process of its own, which is killed when its time is up."""

import asyncio
import contextlib
import json
import sys

from opsconductor.domain.json_value import Json
from opsconductor.ports.expressions import Evaluation

PROGRAM = "opsconductor.adapters.expressions.cel.side_program"
READY = b"ready\n"
_START_S = 10.0


async def evaluate_beside(expression: str, names: dict[str, object], limit_s: float) -> Evaluation:
    """What `expression` comes to with plain `names`; a fault when it takes longer than `limit_s`, start-up left out."""
    try:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", PROGRAM),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
    except OSError as error:
        return Evaluation(value=None, fault=f"no process could be started for it: {error.strerror}")
    try:
        return await _asked(process, json.dumps([expression, names]).encode(), limit_s)
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
        await process.wait()


async def _asked(process: asyncio.subprocess.Process, job: bytes, limit_s: float) -> Evaluation:
    assert process.stdout is not None
    try:
        async with asyncio.timeout(_START_S):
            ready = await process.stdout.readline()
    except TimeoutError:
        ready = b""
    if ready != READY:
        return Evaluation(value=None, fault="the process for it did not start")
    try:
        async with asyncio.timeout(limit_s):
            answer, _ = await process.communicate(job)
    except TimeoutError:
        return Evaluation(value=None, fault=f"it took longer than {limit_s:g} s")
    if process.returncode != 0 or not answer:
        return Evaluation(value=None, fault="the process for it ended without an answer")
    value: Json
    value, missing, fault = json.loads(answer)
    return Evaluation(value=value, missing=missing, fault=fault)
