"""Confidence has three words, with the edges where the contract puts them."""

import pytest

from opsconductor.domain.decision import IntentGuess, confidence_level


@pytest.mark.parametrize(
    ("confidence", "word"), [(1.0, "high"), (0.8, "high"), (0.79, "medium"), (0.5, "medium"), (0.49, "low"), (0, "low")]
)
def test_the_edges_belong_to_the_higher_word(confidence: float, word: str) -> None:
    assert confidence_level(confidence) == word


def test_a_label_is_category_and_action() -> None:
    assert IntentGuess(category="information", action="asset_count", confidence=1).label == "information/asset_count"
