"""What every engine of the embedder port promises; `PROMISES` holds one check each."""

import asyncio
import re
from collections.abc import Awaitable, Callable

import numpy as np

from opsconductor.ports.embedder import Embedder

_ODD_TEXTS = (
    "",
    "   \t\n",
    "a\x00b\u200bc\u202ed",
    "\ud800",  # half a surrogate pair, as a careless client may send it
    "🚀🔥",
    "サーバーを再起動して",
    "Перезапусти сервис",
    "'; DROP TABLE assets; --",
    "$(rm -rf /)",
    "x" * 70_000,
    "disk full " * 7_000,
)


async def gives_one_normalised_row_a_text(embedder: Embedder) -> None:
    """Shape [n, dimensions], float32, each row of length 1."""
    rows = await embedder.embed(["restart billing", "list the hosts", "restart billing"])
    assert rows.shape == (3, embedder.dimensions)
    assert rows.dtype == np.float32
    assert np.allclose(np.linalg.norm(rows, axis=1), 1.0, atol=1e-4)


async def gives_no_row_for_no_text(embedder: Embedder) -> None:
    """Shape [0, dimensions], so that a dot product still works."""
    rows = await embedder.embed([])
    assert rows.shape == (0, embedder.dimensions)
    assert rows.dtype == np.float32


async def keeps_the_order(embedder: Embedder) -> None:
    """Row i belongs to text i, whatever was asked before."""
    texts = ["first one", "second thing", "third matter"]
    alone = [(await embedder.embed([text]))[0] for text in reversed(texts)]
    together = await embedder.embed(texts)
    assert np.array_equal(together, np.stack(alone[::-1]))


async def gives_the_same_row_among_other_texts(embedder: Embedder) -> None:
    """Neighbours, long ones included, do not change a text's row."""
    text = "how full is the disk"
    among = await embedder.embed(["x", "a much longer neighbour of that text " * 30, text, "y"])
    assert np.array_equal(among[2], (await embedder.embed([text]))[0])


async def gives_an_array_of_the_callers_own(embedder: Embedder) -> None:
    """Writing into an answer does not change the next one."""
    first = await embedder.embed(["is it up"])
    kept = first.copy()
    first[:] = 0
    assert np.array_equal(await embedder.embed(["is it up"]), kept)


async def brings_texts_that_share_words_together(embedder: Embedder) -> None:
    """Near in words is nearer than far in words."""
    question, near, far = await embedder.embed(
        ["how many assets do we have", "how many assets are there", "bake a chocolate cake"]
    )
    assert question @ near > question @ far


async def takes_every_text(embedder: Embedder) -> None:
    """Odd texts have finite rows of length 1 too."""
    rows = await embedder.embed(_ODD_TEXTS)
    assert np.isfinite(rows).all()
    assert np.allclose(np.linalg.norm(rows, axis=1), 1.0, atol=1e-4)


async def leaves_the_event_loop_free(embedder: Embedder) -> None:
    """Others run while many texts are embedded."""
    turns = 0
    async with asyncio.TaskGroup() as group:
        work = group.create_task(embedder.embed([f"text number {index}" for index in range(40)]))
        while not work.done():
            turns += 1
            await asyncio.sleep(0)
    assert turns > 10


async def takes_calls_at_the_same_time(embedder: Embedder) -> None:
    """Each call gets its own rows."""
    texts = [f"call {index}" for index in range(8)]
    async with asyncio.TaskGroup() as group:
        calls = [group.create_task(embedder.embed([text])) for text in texts]
    assert np.array_equal(np.concatenate([call.result() for call in calls]), await embedder.embed(texts))


async def names_itself(embedder: Embedder) -> None:
    """Dimensions and digest are set and of the promised form."""
    assert embedder.dimensions > 0
    assert re.fullmatch(r"sha256:[0-9a-f]{64}", embedder.digest)


PROMISES: tuple[Callable[[Embedder], Awaitable[None]], ...] = (
    gives_one_normalised_row_a_text,
    gives_no_row_for_no_text,
    keeps_the_order,
    gives_the_same_row_among_other_texts,
    gives_an_array_of_the_callers_own,
    brings_texts_that_share_words_together,
    takes_every_text,
    leaves_the_event_loop_free,
    takes_calls_at_the_same_time,
    names_itself,
)
