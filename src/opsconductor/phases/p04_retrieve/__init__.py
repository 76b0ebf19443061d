"""P4 retrieve: one embedding, then four lanes at once, each retrieve → rerank → select.

reads: snapshot, customer update, catalogue, memories
writes: nothing
"""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from opsconductor.domain.entities import Entity
from opsconductor.domain.errors import OpsConductorError, Unavailable
from opsconductor.domain.knowledge import Intent, Memory
from opsconductor.domain.retrieval import EMPTY_RETRIEVAL, LaneResult, RetrievalResults
from opsconductor.domain.rules import Rule
from opsconductor.domain.scenarios import Scenario
from opsconductor.domain.snapshot import SituationalSnapshot
from opsconductor.domain.turn import CustomerUpdate, Trigger, TurnContext
from opsconductor.phases.p04_retrieve.selection import LaneSelection, Selections, selections_of
from opsconductor.ports.embedder import Embedder, Vectors
from opsconductor.ports.lanes import Lane, LaneQuery, LaneRerankers, Lanes
from opsconductor.ports.reranker import Reranker
from opsconductor.ports.telemetry import TurnTrace

T = TypeVar("T")

LANE_FAULTS = (OpsConductorError, OSError, RuntimeError, ValueError)
"""What a lane or its reranker may raise: our errors, or what a plugged-in engine let through."""


class Retrieve:
    """Four lanes over one vector; no lane waits for another lane's reranking."""

    def __init__(self, embedder: Embedder, lanes: Lanes, rerankers: LaneRerankers) -> None:
        self._embedder = embedder
        self._lanes = lanes
        self._rerankers = rerankers
        self._selections = selections_of({})

    async def execute_retrieval_phase(
        self, context: TurnContext, snapshot: SituationalSnapshot, customer: CustomerUpdate, trace: TurnTrace
    ) -> RetrievalResults:
        """What the four lanes found for these words and these targets; empty when no message opened the turn.

        Without rules nothing is answered: a failing rules lane raises its own error or `retrieval.rules_unavailable`.
        Any other failing lane is empty and carries a warning. Raises `embedder.*` when there is no vector.
        """
        if context.input.trigger is not Trigger.MESSAGE:
            return EMPTY_RETRIEVAL
        chosen = self._chosen(context)
        with trace.part("embed"):
            vector = await self.compute_embedding(snapshot)
        query = LaneQuery(
            tenant=context.tenant,
            catalogue=context.catalogue,
            masked_text=snapshot.masked_text,
            vector=vector,
            facets=customer.facets,
            entities=_names(customer.entities),
        )
        try:
            async with asyncio.TaskGroup() as lanes:
                rules = lanes.create_task(self.retrieve_and_select_rules(query, chosen.rules, trace))
                scenarios = lanes.create_task(self.retrieve_and_select_scenarios(query, chosen.scenarios, trace))
                memories = lanes.create_task(self.retrieve_and_select_memories(query, chosen.memories, trace))
                intents = lanes.create_task(self.retrieve_and_select_intents(query, chosen.intents, trace))
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from failed
        return RetrievalResults(
            rules=rules.result(),
            scenarios=scenarios.result(),
            memories=memories.result(),
            intents=intents.result(),
            embedding=tuple(vector.tolist()),
            query_facets=customer.facets,
        )

    async def compute_embedding(self, snapshot: SituationalSnapshot) -> Vectors:
        """The turn's one vector, shape [dimensions], of the snapshot's masked text."""
        vector: Vectors = (await self._embedder.embed([snapshot.masked_text]))[0]
        return vector

    def _chosen(self, context: TurnContext) -> Selections:
        """How the lanes are cut; read once for as long as the configuration is the same."""
        if self._selections.configuration is not context.configuration:
            self._selections = selections_of(context.configuration)
        return self._selections

    async def retrieve_and_select_rules(
        self, query: LaneQuery, chosen: LaneSelection, trace: TurnTrace
    ) -> LaneResult[Rule]:
        """Rules that may bear on this request. Raises when they cannot be had."""
        try:
            return await _lane(self._lanes.rules, self._rerankers.rules, chosen, query, trace)
        except OpsConductorError:
            raise
        except LANE_FAULTS as fault:
            reason = f"The rules in force could not be retrieved ({type(fault).__name__})."
            raise Unavailable("retrieval.rules_unavailable", reason) from fault

    async def retrieve_and_select_scenarios(
        self, query: LaneQuery, chosen: LaneSelection, trace: TurnTrace
    ) -> LaneResult[Scenario]:
        """Scenarios that may fit."""
        return await _or_empty(chosen, _lane(self._lanes.scenarios, self._rerankers.scenarios, chosen, query, trace))

    async def retrieve_and_select_memories(
        self, query: LaneQuery, chosen: LaneSelection, trace: TurnTrace
    ) -> LaneResult[Memory]:
        """What is remembered about these targets."""
        return await _or_empty(chosen, _lane(self._lanes.memories, self._rerankers.memories, chosen, query, trace))

    async def retrieve_and_select_intents(
        self, query: LaneQuery, chosen: LaneSelection, trace: TurnTrace
    ) -> LaneResult[Intent]:
        """Intents whose examples are close."""
        return await _or_empty(chosen, _lane(self._lanes.intents, self._rerankers.intents, chosen, query, trace))


async def _lane(
    lane: Lane[T], reranker: Reranker, chosen: LaneSelection, query: LaneQuery, trace: TurnTrace
) -> LaneResult[T]:
    with trace.part(f"{chosen.lane}.retrieve"):
        found = await lane.retrieve(query, chosen.pool)
    with trace.part(f"{chosen.lane}.rerank"):
        ranked = await reranker.rerank(query.masked_text, found)
    with trace.part(f"{chosen.lane}.select"):
        return chosen.cut(ranked)


async def _or_empty(chosen: LaneSelection, lane: Coroutine[Any, Any, LaneResult[T]]) -> LaneResult[T]:
    try:
        return await lane
    except LANE_FAULTS as fault:
        reason = fault.code if isinstance(fault, OpsConductorError) else type(fault).__name__
        return LaneResult(strategy=chosen.strategy, warning=f"The {chosen.lane} lane failed ({reason}); it is empty.")


def _names(entities: tuple[Entity, ...]) -> tuple[str, ...]:
    """Asset ids, and the names of services, each once."""
    found = [entity.asset_id or (entity.value if entity.type == "service" else "") for entity in entities]
    return tuple(dict.fromkeys(name for name in found if name))
