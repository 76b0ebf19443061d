"""Standard output carries the answer alone, standard error the rest; no control character gets through."""

import json
import sys
import unicodedata

from opsconductor.domain.errors import OpsConductorError
from opsconductor.domain.json_value import Json

_KEPT = frozenset("\n\t")
_REORDERING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def printable(text: str) -> str:
    """`text` with every character that could move a cursor, recolour or reorder a line written out as its code."""
    if text.isascii() and text.replace("\n", "").isprintable():
        return text
    return "".join(_seen(character) for character in text)


def say(text: str) -> None:
    """A piece of the answer."""
    sys.stdout.write(printable(text) + "\n")


def say_json(value: Json) -> None:
    """The answer as one JSON document."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def tell(text: str) -> None:
    """Something beside the answer: a warning, a notice."""
    sys.stderr.write(printable(text) + "\n")


def tell_error(error: OpsConductorError) -> None:
    """An error on one line: its code, what is wrong, what to try next."""
    message = " ".join(error.message.split())
    end = "" if message.endswith((".", "!", "?")) else "."
    tell(f"error {error.code}: {message}{end} Next: {error.next_step}")


def ask_line(prompt: str) -> str | None:
    """A line from standard input, None at its end; the prompt stands on standard output of a terminal only."""
    shown = prompt if sys.stdin.isatty() else ""
    try:
        return input(shown)
    except EOFError:
        return None


def _seen(character: str) -> str:
    code = ord(character)
    control = unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"} and character not in _KEPT
    if control or character in _REORDERING:
        return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
    return character
