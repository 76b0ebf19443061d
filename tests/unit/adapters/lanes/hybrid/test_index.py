from opsconductor.adapters.lanes.hybrid.index import Entry, LaneIndex
from opsconductor.testing.doubles.embedder.hashed_words import HashedWordsEmbedderDouble

EMBEDDER = HashedWordsEmbedderDouble()
ENTRIES = [
    Entry(item="disk", texts=("how full is the disk", "free space"), facets={}),
    Entry(item="staging", texts=("restart in staging",), facets={"environment": ("Staging",)}),
    Entry(item="windows production", texts=("restart there",), facets={"environment": ("production",), "os": ("w",)}),
    Entry(item="count", texts=("how many assets",), facets={}),
]


async def search(
    text: str, pool: int = 10, entries: list[Entry[str]] = ENTRIES, **facets: tuple[str, ...]
) -> list[str]:
    texts = [text for entry in entries for text in entry.texts]
    index = LaneIndex(entries, await EMBEDDER.embed(texts))
    return [one.item for one in index.search(text, (await EMBEDDER.embed([text]))[0], facets, pool)]


async def test_an_item_is_found_by_any_of_its_texts() -> None:
    assert (await search("free space"))[0] == "disk"
    assert (await search("how full is the disk"))[0] == "disk"


async def test_each_item_comes_once() -> None:
    found = await search("how full is the disk")
    assert len(found) == len(set(found)) == 4


async def test_a_contradicted_facet_drops_an_item_and_a_met_one_raises_it() -> None:
    assert "staging" not in await search("restart", environment=("production",))
    assert (await search("how many", environment=("staging",)))[0] in {"count", "staging"}
    assert (await search("restart", environment=("staging",)))[0] == "staging"
    assert "windows production" not in await search("restart", environment=("production",), os=("l",))
    assert "windows production" in await search("restart", environment=("production", "staging"))


async def test_a_facet_the_targets_do_not_have_neither_drops_nor_raises() -> None:
    assert await search("restart", site=("lab",)) == await search("restart")
    assert "staging" in await search("restart")


async def test_the_pool_bounds_the_list() -> None:
    assert len(await search("restart", pool=2)) == 2
    assert await search("restart", pool=0) == []
    assert await search("restart", entries=[]) == []


async def test_words_find_what_the_vector_misses_and_the_other_way_round() -> None:
    texts = [text for entry in ENTRIES for text in entry.texts]
    index = LaneIndex(ENTRIES, await EMBEDDER.embed(texts))
    found = index.search("assets", (await EMBEDDER.embed(["restart in staging"]))[0], {}, 10)
    assert {one.item for one in found[:2]} == {"count", "staging"}
