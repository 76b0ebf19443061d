import numpy as np
import pytest

from opsconductor.stages.a_classify import tf_idf

TEXTS = ["restart {service} on {host}", "restart the computer", "how full is the disk on {host}"]
INVERSE = tf_idf.inverse_frequencies(TEXTS)


def cosine(first: str, second: str) -> float:
    one, other = tf_idf.dense([first, second], INVERSE)
    return float(one @ other / np.linalg.norm(one) / np.linalg.norm(other))


def test_texts_that_share_words_are_nearer() -> None:
    assert cosine("restart {service}", "restart {service} on {host}") > cosine("restart {service}", "disk on {host}")


def test_a_typing_slip_still_shares_letter_groups() -> None:
    assert cosine("restart", "restat") > 0.15 > cosine("restart", "disk")


def test_case_and_punctuation_do_not_count() -> None:
    assert cosine("Restart, the COMPUTER!", "restart the computer") == pytest.approx(1.0)


def test_a_placeholder_is_one_word_and_not_the_word_in_it() -> None:
    assert cosine("{host}", "host") < cosine("{host}", "{host} {host}")


def test_a_rare_word_weighs_more_than_a_common_one() -> None:
    assert cosine("disk restart", "disk") > cosine("disk restart", "restart")


def test_sparse_and_dense_agree() -> None:
    places, values = tf_idf.sparse(TEXTS[0], INVERSE)
    weights = np.random.default_rng(1).standard_normal((tf_idf.BUCKETS, 3))
    assert values @ weights[places] == pytest.approx(tf_idf.dense(TEXTS[:1], INVERSE)[0] @ weights, abs=1e-4)


@pytest.mark.parametrize("text", ["", "!?", "\ud800", "x" * 100_000, "日本語"])
def test_every_text_is_taken(text: str) -> None:
    places, values = tf_idf.sparse(text, INVERSE)
    assert len(places) == len(values)
    assert np.isfinite(values).all()
