"""The pieces of a message that may be names, and which of them look like the name of a machine."""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from opsconductor.phases.p02_sense.cues import Said
from opsconductor.phases.p02_sense.word_lists import FUNCTION_WORDS, NO_HOSTS, OPERATIONS_WORDS, words_in

MAX_LOOKED_UP = 200
"""Texts in one question to the inventory."""
LONGEST_NAME = 253
LONGEST_GRAM = 3

_CHUNK = re.compile(r"[^\s,;!?\"'()\[\]{}<>|&$`=*]+")
_EDGES = ".:-/#@~+…–—"
_LETTER_OR_DOT = re.compile(r"[^\W\d_]|\.")
_ADDRESS_WITH_PORT = re.compile(r"(.*[^:]):\d{1,5}")
_NAME = re.compile(r"[^\W\d_][^\W_]*(?:[-_][^\W_]+)+")
_LETTERS_DIGITS = re.compile(r"[A-Za-z]{2,}[0-9]+[A-Za-z0-9]*")
_DOMAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]*(?:\.[A-Za-z0-9_][A-Za-z0-9_-]*)*\.([A-Za-z]{2,})")
_QUAD = re.compile(r"\d{1,4}(?:\.\d{1,4}){3}")
# Words that count or date something: `top-10`, `mid-2024`, `step-3`.
_COUNTING = words_in(
    """
    april august chapter class column day december february figure flight floor gate january july june level
    line march may mid month non november number october option page part phase post pre rev room row section
    september size step sub table tier top type version week year
    """
)
_TOP_LEVEL = words_in(
    """
    arpa at biz ch cloud co com corp de dev edu es eu example fr gov home info int internal intra intranet
    invalid io it jp lan local localdomain localhost mil name net nl onion org private pt ru site test uk us
    """
)
_FILE_ENDINGS = words_in(
    """
    bak bat c cfg cmd conf cpp crt css csv db deb dll doc docx exe gif go gz h html ini iso jar java jpg js json
    key log md pdf pem png ps1 py rb rpm rs service sh sock sql sqlite svg tar toml ts tsx txt xls xlsx xml yaml
    yml zip
    """
)


class Token(NamedTuple):
    """A piece of the message with its place; `key` is how it is compared."""

    text: str
    start: int
    end: int
    key: str


class Reading(Said):
    """A message cut into words, and into the runs of words that may be a name. Made once, read by many."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.tokens = tokens_of(text)
        self.words = _single(self.tokens)
        self.names = [*self.words, *_runs(text, self.tokens)]


def token(text: str, start: int) -> Token:
    """A piece of a message that begins at `start`."""
    return Token(text, start, start + len(text), text.casefold())


def tokens_of(text: str) -> list[Token]:
    """The words of a message, in order, without the punctuation around them."""
    found = []
    for chunk in _CHUNK.finditer(text):
        said, start = chunk.group(), chunk.start()
        if said[0] in _EDGES or said[-1] in _EDGES:
            left = said.lstrip(_EDGES)
            start += len(said) - len(left)
            said = left.rstrip(_EDGES)
        if said:
            found.append(Token(said, start, start + len(said), said.casefold()))
    return found


def _single(tokens: list[Token]) -> list[Token]:
    """The words that may be a name, and their parts around `:` and `/`."""
    found = []
    for one in tokens:
        if one.key in FUNCTION_WORDS or len(one.text) > LONGEST_NAME:
            continue
        if _LETTER_OR_DOT.search(one.text):
            found.append(one)
        if ":" in one.text or "/" in one.text:
            found.extend(part for part in _parts(one) if part.key not in FUNCTION_WORDS)
    return found


def _runs(text: str, tokens: list[Token]) -> Iterator[Token]:
    """Two and three words with just a space between them, which begin and end with no function word."""
    for place, first in enumerate(tokens):
        if first.key in FUNCTION_WORDS:
            continue
        end = first.end
        for last in tokens[place + 1 : place + LONGEST_GRAM]:
            if last.start != end + 1 or text[end] != " " or last.end - first.start > LONGEST_NAME:
                break
            end = last.end
            if last.key not in FUNCTION_WORDS:
                yield token(text[first.start : end], first.start)


def to_look_up(grams: Iterable[Token]) -> tuple[list[str], bool]:
    """At most 200 distinct texts, names of machines first; and whether any of those had to be left out."""
    distinct: dict[str, Token] = {}
    for gram in grams:
        distinct.setdefault(gram.key, gram)
    ordered = sorted(distinct.values(), key=lambda gram: (not looks_like_host(gram.text), gram.text.count(" ")))
    left_out = any(looks_like_host(gram.text) for gram in ordered[MAX_LOOKED_UP:])
    return [gram.text for gram in ordered[:MAX_LOOKED_UP]], left_out


def looks_like_host(text: str) -> bool:
    """Letters and digits with a dash, a domain name, or four numbers with dots that are no address."""
    if len(text) > LONGEST_NAME or " " in text:
        return False
    if _NAME.fullmatch(text):
        has_digit = any(character.isdigit() for character in text)
        first = re.split(r"[-_]", text.casefold())[0]
        return has_digit and text.casefold() not in NO_HOSTS and first not in _COUNTING
    return looks_like_domain(text) or bool(_QUAD.fullmatch(text))


def may_be_host(text: str) -> bool:
    """Letters and digits without a dash (`srv42`), or any dotted name: a host only where one is expected."""
    if text.casefold() in NO_HOSTS or len(text) > LONGEST_NAME:
        return False
    dotted = _DOMAIN.fullmatch(text)
    return bool(_LETTERS_DIGITS.fullmatch(text)) or bool(dotted and dotted[1].lower() not in _FILE_ENDINGS)


def looks_like_domain(text: str) -> bool:
    """A dotted name that ends as domains end, and not as files do."""
    match = _DOMAIN.fullmatch(text)
    if match is None or match[1].lower() in _FILE_ENDINGS:
        return False
    return match[1].lower() in _TOP_LEVEL or (text.count(".") >= 2 and any(part.isdigit() for part in text))


def is_plain_word(text: str) -> bool:
    """Whether it is a word of everyday or of operations English."""
    return text.casefold() in FUNCTION_WORDS or text.casefold() in OPERATIONS_WORDS


def _parts(whole: Token) -> list[Token]:
    """`app-01` of `app-01:8080`, and both of `app-01/app-02`; a path stays whole."""
    parts = []
    if match := _ADDRESS_WITH_PORT.fullmatch(whole.text):
        parts.append(token(match[1], whole.start))
    elif "/" in whole.text and "//" not in whole.text:
        place = whole.start
        for piece in whole.text.split("/"):
            if piece:
                parts.append(token(piece, place))
            place += len(piece) + 1
    return parts
