"""Known delays in the four real lanes and their rerankers show that nothing waits for what it does not need."""

import asyncio
from pathlib import Path

from opsconductor.bootstrap import Overrides
from opsconductor.ports.clock import Clock
from opsconductor.ports.lanes import LaneRerankers, Lanes
from opsconductor.testing.doubles.lanes.delayed import DelayedLaneDouble
from opsconductor.testing.doubles.reranker.delayed import TurningRerankerDouble
from tests.scenario.conftest import talking

RETRIEVE = {"rules": 0.20, "scenarios": 0.05, "memories": 0.30, "intents": 0.10}
RERANK = {"rules": 0.20, "scenarios": 0.30, "memories": 0.05, "intents": 0.0}
CRITICAL_PATH_S = max(RETRIEVE[name] + RERANK[name] for name in RETRIEVE)


class Waiting:
    """A clock that really waits; the promise is about wall time."""

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


async def test_the_stored_wall_time_is_the_slowest_lane_and_not_their_sum(home: Path) -> None:
    clock: Clock = Waiting()  # type: ignore[assignment]
    overrides = Overrides(
        lanes=lambda lanes: Lanes(
            rules=DelayedLaneDouble(lanes.rules, clock, RETRIEVE["rules"]),
            scenarios=DelayedLaneDouble(lanes.scenarios, clock, RETRIEVE["scenarios"]),
            memories=DelayedLaneDouble(lanes.memories, clock, RETRIEVE["memories"]),
            intents=DelayedLaneDouble(lanes.intents, clock, RETRIEVE["intents"]),
        ),
        rerankers=LaneRerankers(
            rules=TurningRerankerDouble(clock, RERANK["rules"]),
            scenarios=TurningRerankerDouble(clock, RERANK["scenarios"]),
            memories=TurningRerankerDouble(clock, RERANK["memories"]),
        ),
    )
    async with talking(home, overrides=overrides) as conversation:
        await conversation.say("How many assets do we have?")
        walls = []
        for _ in range(3):
            reply = await conversation.say("How many assets do we have?")
            record = await conversation.engine.storage.turn_record("default", reply.turn_id)
            assert record is not None
            timing = next(item for item in record.reply.phases if item.phase == "p04_retrieve")
            walls.append(timing.ms / 1000)
            starts = [part.started_ms for part in timing.parts if part.name.endswith(".retrieve")]
            assert len(starts) == 4
            assert max(starts) - min(starts) < 50
    assert min(walls) <= 1.1 * CRITICAL_PATH_S
    assert min(walls) >= CRITICAL_PATH_S


async def test_customer_data_and_configuration_are_loaded_together(home: Path) -> None:
    async with talking(home) as conversation:
        reply = await conversation.say("How many assets do we have?")
    timing = reply.phases[0]
    assert [part.name for part in timing.parts][:4] == ["tenant", "agent", "customer", "session"]
    assert {part.name for part in timing.parts[4:]} == {"customer_data", "configuration"}
