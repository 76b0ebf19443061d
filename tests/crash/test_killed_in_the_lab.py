"""kill -9 of the engine while it restarts billing on app-01, at any moment: the last word is what the hosts show.

The lab lives on in the process of the test, as real hosts would: what the engine had begun on them goes on.
"""

import asyncio
import random
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest

from opsconductor.domain.approvals import ApprovalState
from opsconductor.domain.execution import Execution, ExecutionStatus
from opsconductor.domain.states import TERMINAL
from opsconductor.domain.turn import ApprovalAnswer, Trigger, TurnInput
from tests.scenario.conftest import Conversation, talking
from tests.scenario.test_restart_in_the_lab import status

ROOT = Path(__file__).parents[2]
LONGEST_S = 0.8
"""A restart takes about half a second: some kills come before it, some after it."""


@pytest.fixture
async def conversation(home: Path) -> AsyncIterator[Conversation]:
    async with talking(home, lab=True) as conversation:
        yield conversation


async def killed(home: Path, after_s: float) -> list[str]:
    """What an engine of its own had said when it was killed, so long after it began to approve."""
    command = [sys.executable, "-m", "tests.crash.restart_in_the_lab", str(home)]
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    assert await process.stdout.readline() == b"approval_required\n"
    await asyncio.sleep(after_s)  # the moment of the kill is the point
    with suppress(ProcessLookupError):  # it was faster
        process.kill()
    said = (await process.stdout.read()).decode().split()
    await process.wait()
    return said


async def reject_what_waits(conversation: Conversation) -> None:
    """A kill that came before the approval leaves the question open; nobody answers it any more."""
    engine = conversation.engine
    identity = await engine.storage.identity("default", "requester")
    assert identity is not None
    for approval in await engine.storage.approvals("default", state=ApprovalState.PENDING):
        answer = ApprovalAnswer(approval_id=approval.approval_id, plan_hash=approval.plan_hash, decision="reject")
        turn = TurnInput(
            turn_id=engine.ids.new("turn"),
            identity=identity,
            trigger=Trigger.APPROVAL,
            approval=answer,
            session_id="sess_after",
        )
        await engine.take_turn(turn)


async def last_word(conversation: Conversation) -> Execution:
    """The newest execution once nothing about it is open any more."""
    while True:
        await conversation.engine.recover()
        if not await conversation.engine.storage.open_turns():
            await reject_what_waits(conversation)
            (newest,) = await conversation.engine.storage.executions("default", limit=1)
            if newest.status in TERMINAL - {ExecutionStatus.UNKNOWN}:
                return newest
        await asyncio.sleep(0.2)  # the engine's own time is real here


@pytest.mark.timeout(1500)
async def test_the_last_word_matches_the_process_ids(conversation: Conversation, home: Path, long_form: bool) -> None:
    chance = random.Random(2025)
    words = set()
    for _ in range(50 if long_form else 5):
        before = (await status(conversation, "app-01", "billing"))["pid"]
        said = await killed(home, chance.uniform(0.0, LONGEST_S))
        execution = await last_word(conversation)
        after = (await status(conversation, "app-01", "billing"))["pid"]
        assert (execution.status is ExecutionStatus.SUCCEEDED) is (after != before), execution
        assert said in ([], ["answer"])
        assert not said or execution.status is ExecutionStatus.SUCCEEDED
        words.add(execution.status)
    assert ExecutionStatus.SUCCEEDED in words
