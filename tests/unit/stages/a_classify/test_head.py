from dataclasses import replace
from time import process_time

import numpy as np
import pytest

from opsconductor.stages.a_classify.head import (
    IntentHead,
    calibrated,
    held_out_probabilities,
    numbered,
    tempered,
    train_head,
)
from opsconductor.testing.doubles.embedder.hashed_words import HashedWordsEmbedderDouble

COUNT = ("count the assets", "how many assets", "number of assets please", "total assets count", "assets in total")
RESTART = ("restart {service}", "bounce {service}", "restart {service} on {host}", "bounce {service} now", "do restart")
EXAMPLES = [("count", text) for text in COUNT] + [("restart", text) for text in RESTART] + [("help", "help me")]


async def vectors_of(texts: list[str]) -> np.ndarray:
    return await HashedWordsEmbedderDouble().embed(texts)


async def trained() -> IntentHead:
    return train_head(EXAMPLES, await vectors_of([text for _, text in EXAMPLES]))


async def ask(head: IntentHead, text: str) -> list[tuple[str, float]]:
    return head.predict((await vectors_of([text]))[0], text)


@pytest.mark.parametrize(("text", "label"), [("how many in total", "count"), ("bounce {service} on {host}", "restart")])
async def test_a_new_text_gets_the_label_it_resembles(text: str, label: str) -> None:
    assert (await ask(await trained(), text))[0][0] == label


async def test_the_answer_is_a_distribution_best_first() -> None:
    ranked = await ask(await trained(), "anything at all")
    assert sorted(label for label, _ in ranked) == ["count", "help", "restart"]
    assert sum(probability for _, probability in ranked) == pytest.approx(1.0)
    assert [probability for _, probability in ranked] == sorted((p for _, p in ranked), reverse=True)


async def test_words_decide_where_the_vector_says_nothing() -> None:
    silent = np.zeros(64, dtype=np.float32)
    head = train_head(EXAMPLES, np.zeros((len(EXAMPLES), 64), dtype=np.float32))
    assert head.predict(silent, "bounce {service}")[0][0] == "restart"
    assert head.predict(silent, "how many assets")[0][0] == "count"


async def test_the_same_examples_train_the_same_head() -> None:
    assert await ask(await trained(), "restart it") == await ask(await trained(), "restart it")


async def test_one_label_alone_is_certain() -> None:
    head = train_head([("only", "a text")], await vectors_of(["a text"]))
    assert await ask(head, "another") == [("only", pytest.approx(1.0))]


@pytest.mark.parametrize("rows", [0, 3])
def test_examples_without_their_vectors_are_refused(rows: int) -> None:
    with pytest.raises(ValueError, match="cannot train"):
        train_head([("a", "text")] * rows, np.zeros((2 * rows, 4), dtype=np.float32))


async def test_held_out_means_not_seen() -> None:
    strange = [*EXAMPLES, ("count", "zebra")]
    vectors = await vectors_of([text for _, text in strange])
    held_out = held_out_probabilities(strange, vectors)
    place = train_head(strange, vectors).labels.index("count")
    assert train_head(strange, vectors).probabilities(vectors[-1], "zebra")[place] > 0.9
    assert held_out[-1, place] < 0.6


async def test_nothing_is_said_of_a_labels_only_example() -> None:
    held_out = held_out_probabilities(EXAMPLES, await vectors_of([text for _, text in EXAMPLES]))
    assert np.isnan(held_out[-1]).all()
    assert not np.isnan(held_out[:-1]).any()


@pytest.mark.parametrize(("share_right", "said"), [(0.9, 0.6), (0.7, 0.9)])
async def test_a_probability_becomes_how_often_the_head_is_right(share_right: float, said: float) -> None:
    held_out = np.tile([said, 1 - said], (100, 1))
    targets = (np.arange(100) >= 100 * share_right).astype(np.int64)
    head = calibrated(await trained(), held_out, targets)
    assert tempered(np.array([said, 1 - said]), head.temperature)[0] == pytest.approx(share_right, abs=0.03)


async def test_few_examples_leave_the_probabilities_alone() -> None:
    head = replace(await trained(), temperature=1.25)
    held_out = np.full((len(EXAMPLES), 3), 1 / 3)
    assert calibrated(head, held_out, numbered(EXAMPLES)[1]).temperature == 1.25


def test_a_thousand_examples_of_sixty_labels_train_in_seconds() -> None:
    random = np.random.default_rng(3)
    centres = random.standard_normal((60, 384))
    vectors = centres[np.arange(1000) % 60] + random.standard_normal((1000, 384))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    examples = [(f"label {n % 60}", f"word{n % 60} word{n % 7} thing{n}") for n in range(1000)]
    start = process_time()
    train_head(examples, vectors.astype(np.float32))
    assert process_time() - start < 10  # about 1 s; the bound is for a busy machine
