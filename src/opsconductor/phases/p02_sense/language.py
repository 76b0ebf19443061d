"""Which language a message is in: by its script, else by words that only one language has. In doubt it is English."""

import re

from opsconductor.phases.p02_sense.cues import Said
from opsconductor.phases.p02_sense.word_lists import ENGLISH_SIGNS, FOREIGN_WORDS

UNKNOWN = "und"

# First code points of ranges, with the language (or the script, where it serves many) they stand for.
_SCRIPTS = (
    (0x0370, 0x03FF, "el"),
    (0x0400, 0x052F, "ru"),
    (0x0530, 0x058F, "hy"),
    (0x0590, 0x05FF, "he"),
    (0x0600, 0x077F, "ar"),
    (0x0900, 0x097F, "hi"),
    (0x0980, 0x0DFF, UNKNOWN),
    (0x0E00, 0x0E7F, "th"),
    (0x0E80, 0x109F, UNKNOWN),
    (0x10A0, 0x10FF, "ka"),
    (0x1100, 0x11FF, "ko"),
    (0x1F00, 0x1FFF, "el"),
    (0x3040, 0x30FF, "ja"),
    (0x3130, 0x318F, "ko"),
    (0x31F0, 0x31FF, "ja"),
    (0x3400, 0x9FFF, "zh"),
    (0xAC00, 0xD7AF, "ko"),
    (0xF900, 0xFAFF, "zh"),
    (0xFF66, 0xFF9F, "ja"),
    (0x20000, 0x323AF, "zh"),
)
_NO_SPACES = {"zh", "ja", "th"}
_LETTERS_PER_WORD = 2  # where words are not set apart
# A word of letters only, perhaps several with hyphens; not part of a name with digits, a path or an address.
_WORD = re.compile(r"(?<![\w@./\\:-])[^\W\d_]+(?:['-][^\W\d_]+)*(?![\w@/\\-]|[.:]\w)")
_LANGUAGES_OF = {
    word: tuple(language for language, words in FOREIGN_WORDS.items() if word in words)
    for word in frozenset().union(*FOREIGN_WORDS.values())
}
_FOREIGN = frozenset(_LANGUAGES_OF)
_LETTERS = re.compile(r"[^\W\d_]+")
_QUOTED = re.compile(r"`[^`]*`|\"[^\"]*\"")


def may_be_foreign(said: Said) -> bool:
    """False only where `language_of` the text, or of a part of it, is English."""
    return said.says(_FOREIGN) or not said.text.isascii()


def language_of(text: str) -> str:
    """The ISO 639-1 code of the language of a normalised message; `und` when it is foreign and none we know by name."""
    said = _QUOTED.sub(" ", text)
    if not said.isascii():
        script = _by_script(said)
        if script:
            return script
    return _by_words([part for word in _WORD.findall(said.casefold()) for part in word.split("-")])


def _by_script(text: str) -> str:
    """The language of the script that most of the words are written in; empty for Latin."""
    weights: dict[str, float] = {}
    for word in _LETTERS.findall(text):
        languages = [language for language in map(_script, word) if language]
        for language in languages:
            share = 1 / _LETTERS_PER_WORD if language in _NO_SPACES else 1 / len(word)
            weights[language] = weights.get(language, 0.0) + share
    latin = _WORD.findall("".join(" " if _script(character) else character for character in text))
    total = sum(weights.values())
    if total == 0 or total < len(latin):
        return ""
    if weights.get("ja") and weights["ja"] + weights.get("zh", 0.0) >= total / 2:
        return "ja"  # Japanese writes Chinese characters too
    return max(weights, key=lambda language: weights[language])


def _script(character: str) -> str:
    code = ord(character)
    if code < 0x0370:
        return ""
    return next((language for first, last, language in _SCRIPTS if first <= code <= last), "")


def _by_words(words: list[str]) -> str:
    """A foreign language needs two of its words, or one with a letter English has not; more than English has."""
    hits: dict[str, int] = {}
    sure: set[str] = set()
    english = accented = 0
    for word in words:
        if word.split("'")[0] in ENGLISH_SIGNS:
            english += 1
        # What is joined by an apostrophe counts too: `l'état`.
        for language in _LANGUAGES_OF.get(word) or _LANGUAGES_OF.get(word.rpartition("'")[2], ()):
            hits[language] = hits.get(language, 0) + 1
            if not word.isascii():
                sure.add(language)
        accented += not word.isascii()
    best = max(hits, key=lambda language: hits[language], default="en")
    if hits.get(best, 0) > english and (hits[best] >= 2 or best in sure):
        return best
    if accented >= 3 and english == 0 and accented * 2 >= len(words):
        return UNKNOWN
    return "en"
