"""Orders a restart in a process of its own, says when it is about to approve it, and what it was told in the end."""

import asyncio
import sys
from pathlib import Path

from tests.scenario.conftest import talking


async def main(home: Path) -> None:
    """Ask, say so, approve, and say what came of it."""
    async with talking(home) as conversation:
        asked = await conversation.say("restart billing on app-01")
        sys.stdout.write(f"{asked.kind}\n")
        sys.stdout.flush()
        answered = await conversation.decide(asked, "approve")
        sys.stdout.write(f"{answered.kind}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
