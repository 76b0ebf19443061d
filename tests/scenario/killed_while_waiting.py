"""Asks for a restart in a process of its own, and is killed (SIGKILL) while it waits for approval."""

import asyncio
import os
import signal
import sys
from pathlib import Path

from tests.scenario.conftest import talking


async def main(home: Path) -> None:
    """Ask, tell the approval, and die."""
    async with talking(home) as conversation:
        asked = await conversation.say("restart billing on app-01")
        assert asked.approval is not None
        sys.stdout.write(f"{asked.approval.approval_id} {asked.approval.plan_hash}\n")
        sys.stdout.flush()
        os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
