"""Strategies through the wired engine against the World, in real time: how long they take, and what a failure does.

The World is a process of its own; what it did, and in which order, is read from its own log.
"""

import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from opsconductor.adapters.clock.system import SystemClock
from opsconductor.bootstrap import Engine
from opsconductor.domain.plan import PlanStep, PlanV1
from opsconductor.domain.turn import TurnReply
from opsconductor.testing.crash.engines import opened_engine
from opsconductor.testing.crash.frozen import approval_turn, freeze
from opsconductor.testing.crash.place import Place
from opsconductor.testing.doubles.failpoints.killing import KillingFailpointsDouble
from opsconductor.testing.executions import HOSTS, a_plan, a_step
from opsconductor.testing.world.log import ASKED, DONE
from opsconductor.testing.world.process import World, running_world
from opsconductor.testing.world.realm import REFUSE, SLOW, UNDO

APP_01, APP_02, APP_03 = HOSTS
INDEPENDENT = {"a": "", "b": "", "c": ""}
DIAMOND = {"a": "", "b": "a", "c": "a", "d": "bc", "e": "c"}
"""a → (b ‖ c) → d, and e, which needs nothing of b."""

ON = {"a": APP_01, "b": APP_02, "c": APP_03, "d": APP_01, "e": APP_03}
TAKEN_BACK = {"undo": "world-undo", "undo_inputs": {"mark": {"input": "mark"}}}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with running_world(tmp_path_factory.mktemp("world")) as running:
        yield running


def a_graph(engine: Engine, graph: Mapping[str, str], strategy: str, **declared: Any) -> PlanV1:
    """Deployments of the World, one a name."""
    tool = engine.catalogues.current().tools["world-deploy"]

    def step(name: str, after: str) -> PlanStep:
        usual: dict[str, Any] = {"inputs": {"mark": name}, "connector": tool.connector, "depends_on": tuple(after)}
        return a_step(tool, ON[name], step_id=name, **usual, **declared)

    return a_plan(*(step(name, after) for name, after in graph.items()), strategy=strategy)


def a_place(folder: Path, world: World) -> Place:
    folder.mkdir()
    return Place(folder=folder, port=world.port, realm=folder.name)


async def approved(
    folder: Path, world: World, graph: Mapping[str, str], strategy: str, **declared: Any
) -> tuple[TurnReply, float]:
    """The reply to the approval of such a plan, and the seconds from the approval to the reply."""
    async with opened_engine(a_place(folder, world), KillingFailpointsDouble(), real_time=SystemClock()) as engine:
        turn = await approval_turn(engine, await freeze(engine, a_graph(engine, graph, strategy, **declared)))
        began = time.monotonic()
        reply = await engine.take_turn(turn)
        return reply, time.monotonic() - began


def happened(world: World, realm: str, what: str = DONE) -> list[tuple[str, str]]:
    """What the World did, or was asked for, in order."""
    return [(entry.verb, entry.mark) for entry in world.log(realm) if entry.what == what]


def told(reply: TurnReply) -> dict[str, str]:
    """The state of each step, as the reply has it."""
    assert reply.execution is not None
    return {one.step_id: one.status.value for one in reply.execution.step_results}


async def a_second_each(folder: Path, world: World, strategy: str) -> float:
    for name in INDEPENDENT:
        world.behave(folder.name, "deploy", name, SLOW, after_s=1.0)
    reply, seconds = await approved(folder, world, INDEPENDENT, strategy)
    assert reply.kind == "answer", reply.message
    assert told(reply) == dict.fromkeys("abc", "succeeded")
    assert len(happened(world, folder.name)) == 3
    return seconds


async def test_three_independent_seconds_take_at_most_1_3_s_together(tmp_path: Path, world: World) -> None:
    seconds = await a_second_each(tmp_path / "together", world, "parallel")
    if seconds > 1.3:  # others may have had the machine meanwhile
        seconds = await a_second_each(tmp_path / "together-again", world, "parallel")
    assert 1.0 <= seconds <= 1.3


async def test_three_independent_seconds_take_at_least_3_s_in_a_row(tmp_path: Path, world: World) -> None:
    assert await a_second_each(tmp_path / "in-a-row", world, "sequential") >= 3.0


async def failing_b(tmp_path: Path, world: World, on_failure: str) -> tuple[TurnReply, str]:
    """The diamond; b is refused, and proven not to have happened, while c is still under way."""
    realm = f"diamond-{on_failure}"
    world.behave(realm, "deploy", "b", REFUSE)
    world.behave(realm, "deploy", "c", SLOW, after_s=2.0)
    reply, _ = await approved(tmp_path / realm, world, DIAMOND, "parallel", on_failure=on_failure, **TAKEN_BACK)
    return reply, realm


async def test_a_failure_in_b_stops_what_has_not_begun_and_leaves_what_is_done(tmp_path: Path, world: World) -> None:
    reply, realm = await failing_b(tmp_path, world, "stop")
    assert told(reply) == {"a": "succeeded", "b": "failed", "c": "succeeded", "d": "skipped", "e": "skipped"}
    assert happened(world, realm) == [("deploy", "a"), ("deploy", "c")]
    assert (reply.kind, reply.execution and reply.execution.status) == ("partial", "partial"), reply.message
    for part in ("app-02: failed", "was not run"):
        assert part in reply.message, reply.message


async def test_a_failure_in_b_lets_go_on_what_does_not_hang_on_it(tmp_path: Path, world: World) -> None:
    reply, realm = await failing_b(tmp_path, world, "continue")
    assert told(reply) == {"a": "succeeded", "b": "failed", "c": "succeeded", "d": "skipped", "e": "succeeded"}
    assert happened(world, realm) == [("deploy", "a"), ("deploy", "c"), ("deploy", "e")]
    assert (reply.kind, reply.execution and reply.execution.status) == ("partial", "partial"), reply.message


async def test_a_failure_in_b_takes_back_c_and_then_a(tmp_path: Path, world: World) -> None:
    reply, realm = await failing_b(tmp_path, world, "undo")
    expected = {"a": "compensated", "b": "failed", "c": "compensated", "d": "skipped", "e": "skipped"}
    assert told(reply) == {**expected, "c.undo": "succeeded", "a.undo": "succeeded"}
    assert happened(world, realm, ASKED)[-2:] == [(UNDO, "c"), (UNDO, "a")]
    assert happened(world, realm) == [("deploy", "a"), ("deploy", "c"), (UNDO, "c"), (UNDO, "a")]
    assert (reply.kind, reply.execution and reply.execution.status) == ("failed", "failed"), reply.message
    assert reply.message.count("was undone.") == 2
