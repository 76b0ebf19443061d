import numpy as np
import pytest

from opsconductor.adapters.lanes.hybrid.lexical import Bm25, words


def test_a_rare_word_counts_more_than_a_common_one() -> None:
    scores = Bm25(["the disk is full", "the service is up", "the host is up"]).scores("the disk")
    assert scores.argmax() == 0
    assert scores[1] > 0
    assert scores[0] > 2 * scores[1]


def test_the_shorter_of_two_texts_with_the_word_comes_first() -> None:
    scores = Bm25(["restart of many other things that are long to tell", "restart it"]).scores("restart")
    assert scores[1] > scores[0] > 0


def test_scores_follow_the_formula() -> None:
    index = Bm25(["a b", "a a c c"])
    rarity = np.log(1 + (2 - 2 + 0.5) / 2.5)
    norm = 1.2 * (0.25 + 0.75 * 4 / 3)
    assert index.scores("a")[1] == pytest.approx(rarity * 2 * 2.2 / (2 + norm), rel=1e-5)


def test_foreign_words_and_no_words_score_nothing() -> None:
    index = Bm25(["restart it", ""])
    assert index.scores("bake a cake").tolist() == [0, 0]
    assert index.scores("").tolist() == [0, 0]
    assert Bm25([]).scores("restart").shape == (0,)


def test_masks_are_words_and_plurals_are_not() -> None:
    assert words("Restart {service} on all Hosts, access as is") == [
        *("restart", "{service}", "on", "all", "host", "access", "as", "is")
    ]
