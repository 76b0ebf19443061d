"""What a message may consist of: checked once at every door, before anything is stored or understood."""

from opsconductor.domain.errors import BadInput

MAX_BYTES = 16 * 1024
"""The longest message, in bytes of UTF-8."""

_LINES = frozenset("\t\n\r\x85")
# They are seen as nothing at all; a message of nothing else says nothing.
_UNSEEN = "\u00ad\u034f\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e"
_UNSEEN += "\u2060\u2061\u2062\u2063\u2064\u2066\u2067\u2068\u2069\ufe0e\ufe0f\ufeff"


def check_message(text: str) -> str:
    """`text` as it is, when it can be taken.

    Raises BadInput: `request.bad_text` (control characters but tab and line ends, half a surrogate pair),
    `request.too_large` (more than 16 KiB of UTF-8), `request.empty` (nothing that can be read).
    """
    if len(text) > MAX_BYTES:
        raise _too_large()
    for place, character in enumerate(text):
        if _is_refused(character):
            raise BadInput(
                "request.bad_text",
                f"The message holds the character U+{ord(character):04X} at position {place + 1}.",
                position=place + 1,
            )
    if len(text.encode("utf-8")) > MAX_BYTES:
        raise _too_large()
    if all(character.isspace() or character in _UNSEEN for character in text):
        raise BadInput("request.empty", "The message is empty.")
    return text


def _is_refused(character: str) -> bool:
    code = ord(character)
    control = code < 0x20 or 0x7F <= code <= 0x9F
    return (control and character not in _LINES) or 0xD800 <= code <= 0xDFFF


def _too_large() -> BadInput:
    return BadInput("request.too_large", f"The message is longer than {MAX_BYTES // 1024} KiB.", limit_bytes=MAX_BYTES)
