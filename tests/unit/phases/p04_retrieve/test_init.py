import asyncio
from collections.abc import Coroutine
from dataclasses import replace
from typing import Any

import pytest

from opsconductor.adapters.telemetry.turn_trace import ClockTurnTrace
from opsconductor.domain.errors import InternalFault, OpsConductorError, Unavailable
from opsconductor.domain.retrieval import EMPTY_RETRIEVAL, RetrievalResults
from opsconductor.domain.turn import PhasePart, Trigger
from opsconductor.phases.p04_retrieve import Retrieve
from opsconductor.ports.lanes import LaneRerankers, Lanes
from opsconductor.testing.contracts.lanes import GivenMemories
from opsconductor.testing.doubles.clock.moving import MovingClockDouble
from opsconductor.testing.doubles.embedder.hashed_words import HashedWordsEmbedderDouble
from opsconductor.testing.doubles.lanes.delayed import DelayedLaneDouble, FailingLaneDouble
from opsconductor.testing.doubles.lanes.word_overlap import word_overlap_lanes
from opsconductor.testing.doubles.reranker.delayed import TurningRerankerDouble
from opsconductor.testing.turns import a_context, a_host, a_snapshot, an_update

TEXT = "how full is the disk on app-01"
MASKED = "how full is the disk on {host}"
LANES = ("rules", "scenarios", "memories", "intents")


def the_lanes(**changes: Any) -> Lanes:
    return replace(word_overlap_lanes(GivenMemories()), **changes)


async def retrieve(
    lanes: Lanes | None = None, rerankers: LaneRerankers | None = None, **update: Any
) -> RetrievalResults:
    phase = Retrieve(HashedWordsEmbedderDouble(), lanes or the_lanes(), rerankers or LaneRerankers())
    trace = ClockTurnTrace(MovingClockDouble())
    with trace.phase("P4"):
        return await phase.execute_retrieval_phase(
            a_context(TEXT), a_snapshot(TEXT, MASKED), an_update(a_host("app-01", TEXT), **update), trace
        )


async def test_four_lanes_are_filled_from_one_embedding_of_the_masked_text() -> None:
    embedder = HashedWordsEmbedderDouble()
    phase = Retrieve(embedder, the_lanes(), LaneRerankers())
    trace = ClockTurnTrace(MovingClockDouble())
    found = await phase.execute_retrieval_phase(a_context(TEXT), a_snapshot(TEXT, MASKED), an_update(), trace)
    assert embedder.embedded == [MASKED]
    assert found.embedding == tuple((await embedder.embed([MASKED]))[0].tolist())
    assert found.intents.items[0].item.label == "monitoring/disk_usage"
    assert found.rules.items[0].item.rule_id == "disk-note"
    assert found.scenarios.pool == 1
    assert found.memories.pool == 2
    assert [getattr(found, lane).strategy for lane in LANES] == ["adaptive_k", "entropy", "clustering", "elbow"]


async def test_the_same_words_about_another_target_retrieve_other_rules() -> None:
    staging = await retrieve(facets={"environment": ("staging",)})
    production = await retrieve(facets={"environment": ("production",)})
    assert "restart-note" in {scored.item.rule_id for scored in staging.rules.items}
    assert staging.rules != production.rules
    assert staging.query_facets == {"environment": ("staging",)}


@pytest.mark.parametrize("trigger", [Trigger.APPROVAL, Trigger.JOB_FINISHED])
async def test_a_turn_that_no_message_opened_retrieves_nothing(trigger: Trigger) -> None:
    embedder = HashedWordsEmbedderDouble()
    phase = Retrieve(embedder, the_lanes(), LaneRerankers())
    context = a_context("", trigger=trigger)
    found = await phase.execute_retrieval_phase(
        context, a_snapshot(""), an_update(), ClockTurnTrace(MovingClockDouble())
    )
    assert found is EMPTY_RETRIEVAL
    assert embedder.embedded == []


async def test_each_lane_is_reranked_by_its_own_reranker() -> None:
    found = await retrieve(rerankers=LaneRerankers(intents=TurningRerankerDouble(MovingClockDouble())))
    assert found.intents.items[0].item.label == "automation/service_restart"
    assert found.rules.items[0].item.rule_id == "disk-note"


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (Unavailable("store.unavailable", "The database does not answer."), "store.unavailable"),
        (ConnectionResetError("gone"), "ConnectionResetError"),
        (RuntimeError("bug"), "RuntimeError"),
    ],
)
async def test_another_failing_lane_is_empty_and_says_so(error: Exception, said: str) -> None:
    found = await retrieve(the_lanes(memories=FailingLaneDouble(error)))
    assert found.memories.items == ()
    assert found.memories.warning == f"The memories lane failed ({said}); it is empty."
    assert found.rules.items
    assert found.intents.items
    assert found.rules.warning == ""


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (InternalFault("embedder.failed", "The model failed."), "embedder.failed"),
        (TimeoutError(), "retrieval.rules_unavailable"),
        (ValueError("bug"), "retrieval.rules_unavailable"),
    ],
)
async def test_a_failing_rules_lane_ends_the_turn(error: Exception, code: str) -> None:
    with pytest.raises(OpsConductorError) as caught:
        await retrieve(the_lanes(rules=FailingLaneDouble(error)))
    assert caught.value.code == code


async def play(clock: MovingClockDouble, work: Coroutine[Any, Any, RetrievalResults]) -> RetrievalResults:
    """Let everybody act, then move the time by a millisecond, until the work is done."""
    async with asyncio.TaskGroup() as group:
        task = group.create_task(work)
        while not task.done():
            for _ in range(20):
                await asyncio.sleep(0)
            clock.advance(0.001)
    return task.result()


async def timed(lane_delays: dict[str, float], rerank_delays: dict[str, float]) -> tuple[float, dict[str, PhasePart]]:
    """Milliseconds of the whole phase, and its parts, with these delays in lanes and rerankers."""
    clock = MovingClockDouble(sleeping_advances=False)
    inner = the_lanes()
    lanes = Lanes(**{lane: DelayedLaneDouble(getattr(inner, lane), clock, lane_delays[lane]) for lane in LANES})
    rerankers = LaneRerankers(**{lane: TurningRerankerDouble(clock, rerank_delays[lane]) for lane in LANES})
    phase = Retrieve(HashedWordsEmbedderDouble(), lanes, rerankers)
    trace = ClockTurnTrace(clock)

    async def run() -> RetrievalResults:
        with trace.phase("P4"):
            return await phase.execute_retrieval_phase(a_context(TEXT), a_snapshot(TEXT, MASKED), an_update(), trace)

    await play(clock, run())
    timing = trace.timings()[0]
    return timing.ms, {part.name: part for part in timing.parts}


async def test_the_wall_time_is_the_longest_lane_and_not_the_sum() -> None:
    lane_delays = {"rules": 0.1, "scenarios": 0.05, "memories": 0.2, "intents": 0.02}
    rerank_delays = {"rules": 0.15, "scenarios": 0.05, "memories": 0.01, "intents": 0.08}
    ms, parts = await timed(lane_delays, rerank_delays)
    critical = max(1000 * (lane_delays[lane] + rerank_delays[lane]) for lane in LANES)
    assert critical <= ms <= 1.1 * critical
    starts = [parts[f"{lane}.retrieve"].started_ms for lane in LANES]
    assert max(starts) - min(starts) < 1
    assert set(parts) == {"embed", *(f"{lane}.{step}" for lane in LANES for step in ("retrieve", "rerank", "select"))}


async def test_no_lane_waits_for_another_lanes_reranking() -> None:
    slow = {"rules": 0.01, "scenarios": 0.01, "memories": 0.01, "intents": 0.01}
    _, parts = await timed(slow, slow | {"rules": 0.5})
    rules = parts["rules.rerank"]
    for lane in ("scenarios", "memories", "intents"):
        ended = parts[f"{lane}.select"].started_ms + parts[f"{lane}.select"].ms
        assert ended < rules.started_ms + rules.ms - 400
