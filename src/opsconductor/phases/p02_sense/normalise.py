"""The one form of a message that everything after reads: what cannot be seen is gone, and said to be gone."""

import re
import unicodedata
from dataclasses import dataclass

REMOVED_INVISIBLE = "removed_invisible_characters"
REMOVED_BIDI = "removed_bidi_controls"
MIXED_SCRIPTS = "mixed_scripts_in_a_word"

_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
# Not of category Cf, and seen as nothing all the same.
_ALSO_INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180e\u3164\uffa0")
_SELECTORS = frozenset(chr(code) for code in (*range(0xFE00, 0xFE10),))
_JOINER = "\u200d"
# What word processors put in the place of what is on the keyboard.
_TYPOGRAPHY = str.maketrans(
    {"‘": "'", "’": "'", "ʼ": "'", "“": '"', "”": '"', "\u2010": "-", "\u2011": "-", "…": "..."}
)
_LATIN_LETTER = re.compile(r"[A-Za-z]")
_LOOKALIKE_LETTER = re.compile(r"[\u0370-\u03ff\u0400-\u052f\u0531-\u058f\u13a0-\u13ff]")


@dataclass(frozen=True, kw_only=True)
class Normalised:
    """A message on one line, and what had to be done to it."""

    text: str
    facts: tuple[str, ...] = ()


def normalise(message: str) -> Normalised:
    """`message` composed, on one line, single spaces, nothing invisible. Applied twice it changes nothing."""
    if message.isascii():
        return Normalised(text=" ".join(_without_controls(message).split()))
    seen, facts = _visible(message)
    composed = unicodedata.normalize("NFC", seen.translate(_TYPOGRAPHY))
    words = [_compatible(word) for word in _without_controls(composed).split()]
    # Compatibility forms may hold spaces and typography of their own.
    text = " ".join(" ".join(words).translate(_TYPOGRAPHY).split())
    if any(_LATIN_LETTER.search(word) and _LOOKALIKE_LETTER.search(word) for word in text.split()):
        facts = (*facts, MIXED_SCRIPTS)
    return Normalised(text=text, facts=facts)


def _without_controls(text: str) -> str:
    """Control characters were refused at the door; whoever comes another way finds them turned into spaces."""
    if text.isprintable():
        return text
    return "".join(" " if unicodedata.category(character) == "Cc" else character for character in text)


def _visible(message: str) -> tuple[str, tuple[str, ...]]:
    kept: list[str] = []
    facts: dict[str, None] = {}
    for place, character in enumerate(message):
        if character in _SELECTORS or (character == _JOINER and _joins_pictures(message, place)):
            if kept and _is_picture(kept[-1]):
                kept.append(character)
        elif character in _BIDI:
            facts[REMOVED_BIDI] = None
        elif (
            unicodedata.category(character) == "Cf"
            or character in _ALSO_INVISIBLE
            or "\U000e0100" <= character <= "\U000e01ef"
        ):
            facts[REMOVED_INVISIBLE] = None
        elif unicodedata.category(character) == "Cs":
            kept.append("\ufffd")
        else:
            kept.append(character)
    return "".join(kept), tuple(facts)


def _joins_pictures(message: str, place: int) -> bool:
    return 0 < place < len(message) - 1 and _is_picture(message[place - 1]) and _is_picture(message[place + 1])


def _is_picture(character: str) -> bool:
    return unicodedata.category(character) in {"So", "Sk"} or character in _SELECTORS


def _compatible(word: str) -> str:
    """The word in compatibility form, unless that makes a plain name of what only looks like it: `app-0²` stays."""
    if word.isascii():
        return word
    folded = unicodedata.normalize("NFKC", word)
    if folded == word or not folded.isascii():
        return folded
    written_plain = any(character.isascii() and character.isalnum() for character in word)
    disguised = any(not one.isascii() and unicodedata.normalize("NFKC", one).isalnum() for one in word)
    return word if written_plain and disguised else folded
