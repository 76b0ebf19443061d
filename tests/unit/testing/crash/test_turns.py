"""The processes of a cell, tried without any kill: approve and be told, and recover what was left to itself."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from opsconductor.domain.execution import ExecutionStatus
from opsconductor.testing.client_log import APPROVAL, REQUEST, read_client_log
from opsconductor.testing.crash.engines import opened_engine
from opsconductor.testing.crash.frozen import TENANT, freeze
from opsconductor.testing.crash.place import Place
from opsconductor.testing.crash.plans import PLANS
from opsconductor.testing.crash.turns import APPROVING, approve, is_settled, recover
from opsconductor.testing.doubles.failpoints.killing import KillingFailpointsDouble
from opsconductor.testing.world.log import DONE
from opsconductor.testing.world.process import World, running_world


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with running_world(tmp_path / "world") as world:
        yield world


@pytest.fixture
async def place(tmp_path: Path, world: World) -> Place:
    place = Place(folder=tmp_path / "cell", port=world.port, realm="cell")
    place.folder.mkdir()
    async with opened_engine(place, KillingFailpointsDouble()) as engine:
        await freeze(engine, PLANS["restart"].make(engine.catalogues.current(), True))
    return place


async def test_the_plan_runs_and_its_client_knows(place: Place, world: World) -> None:
    await approve(place)
    promises, shown = read_client_log(place.client_log)
    assert [promise.kind for promise in promises] == [REQUEST, APPROVAL]
    assert [(word.kind, word.status) for word in shown] == [("answer", "succeeded")]
    assert [entry.what for entry in world.log("cell")].count(DONE) == 1
    assert {"step.after_intent", "effect.sent", "store.after:record_intent"} <= set(place.passed(APPROVING))


async def test_recovery_of_a_run_that_ended_well_has_nothing_to_do(place: Place, world: World) -> None:
    await approve(place)
    before, passed_s = read_client_log(place.client_log), place.clock.monotonic()
    await recover(place)
    assert (read_client_log(place.client_log), place.clock.monotonic()) == (before, passed_s)
    async with opened_engine(place, KillingFailpointsDouble()) as engine:
        assert await is_settled(engine)
        (execution,) = await engine.storage.executions(TENANT)
    assert execution.status is ExecutionStatus.SUCCEEDED
