import pytest

from opsconductor.phases.p02_sense.word_lists import ENGLISH_SIGNS, FOREIGN_WORDS, FUNCTION_WORDS, words_in


def test_a_table_is_its_words() -> None:
    assert words_in(" on\n  at on ") == {"on", "at"}


@pytest.mark.parametrize("language", FOREIGN_WORDS)
def test_no_word_speaks_for_english_and_for_another_language(language: str) -> None:
    assert FOREIGN_WORDS[language] & ENGLISH_SIGNS == set()


def test_function_words_are_written_as_they_are_compared() -> None:
    assert {word for word in FUNCTION_WORDS if word != word.casefold()} == set()
