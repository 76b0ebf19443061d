"""Runs one approved restart in a process of its own and is killed (SIGKILL) at a named failpoint."""

import asyncio
import os
import signal
import sys
from dataclasses import replace
from pathlib import Path

from opsconductor.bootstrap import Overrides
from opsconductor.domain.retrieval import Scored
from opsconductor.domain.scenarios import Scenario
from opsconductor.ports.lanes import LaneQuery
from opsconductor.testing.doubles.failpoints.killing import KillingFailpointsDouble
from tests.scenario.conftest import talking


class KillingLane:
    """Ends the process in the middle of P4: accepted, and nothing run."""

    async def retrieve(self, query: LaneQuery, pool: int) -> list[Scored[Scenario]]:
        """See the port."""
        os.kill(os.getpid(), signal.SIGKILL)
        return []


async def main(home: Path, failpoint: str, pack: str) -> None:
    """Ask, approve, and die on the way."""
    overrides = Overrides(failpoints=KillingFailpointsDouble(kill_at=failpoint))
    if failpoint == "p04.retrieve":
        overrides = Overrides(lanes=lambda lanes: replace(lanes, scenarios=KillingLane()))
    async with talking(home, overrides=overrides, pack=Path(pack) if pack else None) as conversation:
        asked = await conversation.say("restart billing on app-01")
        await conversation.decide(asked, "approve")


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2], sys.argv[3]))
