"""The memories lane: about the same things first, then the newer, then the nearer in words."""

from typing import Protocol

from opsconductor.adapters.lanes.hybrid.lexical import Bm25
from opsconductor.domain.knowledge import Memory
from opsconductor.domain.retrieval import Scored
from opsconductor.ports.lanes import LaneQuery

SAME_ENTITIES, NEWER, SAME_WORDS = 0.5, 0.3, 0.2  # weights; they add up to 1


class RecallsMemories(Protocol):
    """The part of the storage port that this lane reads."""

    async def memories(self, tenant: str, entities: tuple[str, ...], limit: int) -> tuple[Memory, ...]:
        """Valid memories about any of `entities`, newest first; without entities the newest of all."""
        ...


class MemoriesLane:
    """Memories of the asking tenant, scored 0 to 1."""

    def __init__(self, store: RecallsMemories) -> None:
        self._store = store

    async def retrieve(self, query: LaneQuery, pool: int) -> list[Scored[Memory]]:
        """See the port; raises `store.*`."""
        stored = await self._store.memories(query.tenant, query.entities, pool)
        found = [memory for memory in stored if memory.tenant == query.tenant][:pool]
        shared = Bm25([memory.text for memory in found]).scores(query.masked_text).tolist()
        most_shared = max(shared, default=0.0) or 1.0
        asked = set(query.entities)
        scored = [
            Scored(
                item=memory,
                score=SAME_ENTITIES * (len(asked.intersection(memory.entities)) / len(asked) if asked else 0.0)
                + NEWER * (1 - age / len(found))
                + SAME_WORDS * words / most_shared,
            )
            for age, (memory, words) in enumerate(zip(found, shared, strict=True))
        ]
        return sorted(scored, key=lambda memory: -memory.score)
