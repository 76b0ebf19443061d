"""What the World does comes back as a connector tells it: done, or unknown when it hung up."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from opsconductor.domain.catalogue import ToolRun
from opsconductor.ports.connector import ConnectorCall
from opsconductor.testing.doubles.clock.moving import MovingClockDouble
from opsconductor.testing.doubles.connector.world import SENT, WorldConnectorDouble
from opsconductor.testing.doubles.failpoints.killing import KillingFailpointsDouble
from opsconductor.testing.doubles.inventory.in_memory import an_asset
from opsconductor.testing.world.process import World, running_world
from opsconductor.testing.world.realm import DONE_THEN_HANG_UP, NEVER, REFUSE

RESTART = ConnectorCall(
    run=ToolRun(argv=("restart",)), inputs={"mark": "m1"}, tenant="default", timeout_s=5, target=an_asset("app-01")
)
READ = replace(RESTART, run=ToolRun(argv=("read",)))


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with running_world(tmp_path / "world") as world:
        yield world


async def test_an_effect_is_done_and_can_be_read(world: World) -> None:
    failpoints = KillingFailpointsDouble()
    connector = WorldConnectorDouble(world.port, "r", MovingClockDouble(), failpoints)
    done = await connector.call(RESTART)
    assert (done.outcome, done.ok, done.output) == ("done", True, {"count": 1, "undone": 0})
    assert (await connector.call(READ)).output == {"count": 1, "undone": 0}
    assert failpoints.hits == [SENT], "a read changes nothing, so nothing can be lost there"


@pytest.mark.parametrize(
    ("behaviour", "outcome", "count"),
    [(DONE_THEN_HANG_UP, "unknown", 1), (NEVER, "unknown", 0), (REFUSE, "done", 0)],
)
async def test_a_broken_connection_proves_nothing(world: World, behaviour: str, outcome: str, count: int) -> None:
    world.behave("r", "restart", "m1", behaviour)
    connector = WorldConnectorDouble(world.port, "r", MovingClockDouble())
    answer = await connector.call(RESTART)
    assert (answer.outcome, answer.ok) == (outcome, False)
    assert answer.error_code
    assert (await connector.call(READ)).output == {"count": count, "undone": 0}


async def test_a_world_that_is_not_there_was_not_reached() -> None:
    answer = await WorldConnectorDouble(1, "r", MovingClockDouble()).call(RESTART)
    assert answer.outcome == "not_sent"
