"""kill -9 between intent and result: the next start reads the probe and tells its verdict, and guesses nothing."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from shutil import copytree

import pytest
import yaml

import opsconductor
from opsconductor.adapters.clock.system import SystemClock
from opsconductor.bootstrap import Overrides
from opsconductor.domain.execution import ExecutionStatus
from opsconductor.domain.turn import TurnReply
from tests.scenario.conftest import Conversation, talking
from tests.scenario.test_restart_in_the_lab import status

PACK = Path(opsconductor.__file__).parent / "packs" / "default"


@pytest.fixture
async def lab_home(home: Path) -> AsyncIterator[tuple[Conversation, Path]]:
    """The lab runs here, in another process than the one that is killed."""
    async with talking(home, lab=True) as conversation:
        yield conversation, home


async def killed(home: Path, failpoint: str, pack: str = "") -> None:
    """A restart that dies at the failpoint, while the lab goes on in this process."""
    command = [sys.executable, "-m", "tests.scenario.killed_restart", str(home), failpoint, pack]
    process = await asyncio.create_subprocess_exec(
        *command, cwd=Path(__file__).parents[2], stderr=asyncio.subprocess.PIPE
    )
    _, errors = await process.communicate()
    assert process.returncode == -signal.SIGKILL, errors.decode()


class LaterClock(SystemClock):
    """A minute later: whatever the dead engine began on a host is over by now."""

    def now(self) -> datetime:
        return super().now() + timedelta(minutes=1)


async def recovered(home: Path, pack: Path | None = None) -> list[TurnReply]:
    """What the next start tells."""
    async with talking(home, pack=pack, overrides=Overrides(clock=LaterClock())) as conversation:
        told = list(await conversation.engine.recover())
        assert list(await conversation.engine.recover()) == []
        return told


async def test_killed_after_the_intent_the_probe_shows_that_it_did_not_happen(
    lab_home: tuple[Conversation, Path],
) -> None:
    conversation, home = lab_home
    before = await status(conversation, "app-01", "billing")
    await killed(home, "step.after_intent")
    told = await recovered(home)
    assert (await status(conversation, "app-01", "billing"))["pid"] == before["pid"]
    assert [reply.kind for reply in told] == ["failed"]
    assert "failed" in told[0].message
    assert told[0].execution is not None
    assert told[0].execution.status is ExecutionStatus.FAILED


@pytest.mark.parametrize("failpoint", ["step.after_effect", "step.after_result"])
async def test_killed_after_the_effect_the_probe_or_the_journal_shows_that_it_happened_once(
    lab_home: tuple[Conversation, Path], failpoint: str
) -> None:
    conversation, home = lab_home
    before = await status(conversation, "app-01", "billing")
    await killed(home, failpoint)
    after = await status(conversation, "app-01", "billing")
    assert after["pid"] != before["pid"]
    told = await recovered(home)
    assert [reply.kind for reply in told] == ["answer"]
    assert (await status(conversation, "app-01", "billing"))["pid"] == after["pid"], "recovery ran it again"
    execution = told[0].execution
    assert execution is not None
    stored = await conversation.engine.storage.execution("default", execution.execution_id)
    assert stored is not None
    assert stored.status is ExecutionStatus.SUCCEEDED


async def test_without_a_probe_it_stays_unknown_and_says_so(
    lab_home: tuple[Conversation, Path], tmp_path: Path
) -> None:
    conversation, home = lab_home
    pack = copytree(PACK, tmp_path / "pack")
    tool = pack / "tools" / "service-restart.yaml"
    declared = yaml.safe_load(tool.read_text("utf-8"))
    del declared["probe"]
    declared["no_probe_reason"] = "taken away by this test"
    declared["success"] = [{"expression": "output.running", "message": "It does not run."}]
    tool.write_text(yaml.safe_dump(declared), "utf-8")
    await killed(home, "step.after_effect", str(pack))
    told = await recovered(home, pack)
    assert [reply.kind for reply in told] == ["unknown"]
    assert "unknown" in told[0].message
    assert "failed" not in told[0].message
    assert told[0].execution is not None
    stored = await conversation.engine.storage.execution("default", told[0].execution.execution_id)
    assert stored is not None
    assert stored.status is ExecutionStatus.UNKNOWN


async def test_a_turn_killed_before_anything_ran_is_closed_and_says_so(
    lab_home: tuple[Conversation, Path],
) -> None:
    _, home = lab_home
    await killed(home, "p04.retrieve")
    told = await recovered(home)
    assert [reply.kind for reply in told] == ["failed"]
    assert "Nothing was run" in told[0].message
