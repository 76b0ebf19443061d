import numpy as np
import pytest

from opsconductor.stages.a_classify.out_of_scope import OUT_OF_SCOPE
from opsconductor.stages.a_classify.understanding import Understanding
from opsconductor.testing.doubles.embedder.hashed_words import HashedWordsEmbedderDouble

VERBS = ("count", "restart", "show")
EXAMPLES = [
    (verb, f"{verb} {noun} {ending}") for verb in VERBS for noun in ("a", "b", "c") for ending in ("x", "y", "z")
]
EXAMPLES += [(OUT_OF_SCOPE, f"{verb} the database") for verb in ("delete", "drop", "erase")]
DIGEST = "pack:1 embedder:1"


async def learned() -> Understanding:
    vectors = await HashedWordsEmbedderDouble().embed([text for _, text in EXAMPLES])
    return Understanding.learn(EXAMPLES, vectors)


async def vector_of(text: str) -> np.ndarray:
    return (await HashedWordsEmbedderDouble().embed([text]))[0]


@pytest.mark.parametrize(
    ("text", "label", "in_scope"),
    [
        ("restart b please", "restart", True),
        ("wipe the database", OUT_OF_SCOPE, False),
        ("bake me some chocolate cookies tonight", None, False),
    ],
)
async def test_a_message_gets_label_and_scope(text: str, label: str | None, in_scope: bool) -> None:
    prediction = (await learned()).predict((await vector_of(text)).tolist(), text)
    assert label is None or prediction.ranked[0][0] == label
    assert prediction.in_scope is in_scope
    assert 0 <= prediction.scope_score <= 1


async def test_what_was_cached_judges_the_same() -> None:
    fresh = await learned()
    cached = Understanding.from_bytes(fresh.to_bytes(DIGEST), DIGEST)
    assert cached is not None
    for text in ("restart b please", "wipe the database", "something else"):
        vector = (await vector_of(text)).tolist()
        assert cached.predict(vector, text) == fresh.predict(vector, text)


async def test_a_cache_of_another_pack_does_not_count() -> None:
    assert Understanding.from_bytes((await learned()).to_bytes(DIGEST), "pack:2 embedder:1") is None


async def test_a_cache_of_another_format_does_not_count() -> None:
    content = (await learned()).to_bytes(DIGEST)
    assert Understanding.from_bytes(content.replace(b"understanding/1", b"understanding/0", 1), DIGEST) is None


async def test_a_damaged_cache_does_not_count() -> None:
    content = (await learned()).to_bytes(DIGEST)
    assert Understanding.from_bytes(content, DIGEST) is not None
    places = range(0, len(content), len(content) // 97)
    assert all(
        Understanding.from_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :], DIGEST) is None
        for place in places
    )
    assert Understanding.from_bytes(content[:-1], DIGEST) is None
    assert Understanding.from_bytes(content + b"\0", DIGEST) is None


@pytest.mark.parametrize("content", [b"", b"\n", b"PK\x03\x04", b"\x80\x04K\x01."])
def test_what_was_never_a_cache_does_not_count(content: bytes) -> None:
    assert Understanding.from_bytes(content, DIGEST) is None
