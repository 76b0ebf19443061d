from opsconductor.adapters.lanes.hybrid.memories import MemoriesLane
from opsconductor.domain.knowledge import Memory
from opsconductor.testing.contracts.lanes import GivenMemories, a_memory, ask
from opsconductor.testing.doubles.embedder.hashed_words import HashedWordsEmbedderDouble


async def recall(*memories: Memory, text: str = "what happened", entities: tuple[str, ...] = ()) -> list[str]:
    lane = MemoriesLane(GivenMemories(memories))
    found = await lane.retrieve(await ask(HashedWordsEmbedderDouble(), text, entities=entities), 10)
    assert all(0 <= scored.score <= 1 for scored in found)
    return [scored.item.memory_id for scored in found]


async def test_the_newer_comes_first() -> None:
    assert await recall(a_memory("new", "x", "a"), a_memory("old", "x", "a"), entities=("a",)) == ["new", "old"]


async def test_more_of_the_named_things_beats_newer() -> None:
    memories = (a_memory("one", "x", "a"), a_memory("both", "x", "a", "b"))
    assert await recall(*memories, entities=("a", "b")) == ["both", "one"]


async def test_the_one_nearer_in_words_comes_before_a_slightly_newer_one() -> None:
    memories = (a_memory("newer", "counted"), a_memory("disk", "the disk was full"))
    assert await recall(*memories, text="disk full") == ["disk", "newer"]
    assert await recall(*memories, text="what happened") == ["newer", "disk"]


async def test_a_store_that_leaks_another_tenants_memory_is_not_believed() -> None:
    class Leaking(GivenMemories):
        async def memories(self, tenant: str, entities: tuple[str, ...], limit: int) -> tuple[Memory, ...]:
            return (a_memory("theirs", "x", tenant="other"), a_memory("ours", "x"))

    lane = MemoriesLane(Leaking())
    found = await lane.retrieve(await ask(HashedWordsEmbedderDouble(), "what"), 10)
    assert [scored.item.memory_id for scored in found] == ["ours"]
