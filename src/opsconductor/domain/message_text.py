"""What a message may consist of: checked once at every door, before anything is stored or understood."""

import re

from opsconductor.domain.errors import BadInput

MAX_BYTES = 16 * 1024
"""The longest message, in bytes of UTF-8."""

# Control characters but tab and line ends, and halves of surrogate pairs.
_REFUSED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff]")
# They reorder text or hide in it, so that what is read is not what is sent. A zero-width joiner may join emoji.
_HIDING = re.compile(
    "[\u061c\u200b\u200c\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]|(?<=\\w)\u200d|\u200d(?=\\w)"
)
# They are seen as nothing at all; a message of nothing else says nothing.
_UNSEEN = (
    "\u00ad\u034f\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e"
    "\u2060\u2061\u2062\u2063\u2064\u2066\u2067\u2068\u2069\ufe0e\ufe0f\ufeff"
)


def check_message(text: str) -> str:
    """`text` as it is, when it can be taken.

    Raises BadInput: `request.bad_text` (control characters but tab and line ends, half a surrogate pair, characters
    that reorder or hide text), `request.too_large` (more than 16 KiB of UTF-8), `request.empty` (nothing readable).
    """
    if len(text) > MAX_BYTES:
        raise _too_large()
    if text.isascii() and text.isprintable() and text.strip():
        return text  # most messages: nothing in them that the searches below are for
    refused = _REFUSED.search(text)
    if refused:
        raise _bad_text(refused)
    if len(text.encode("utf-8")) > MAX_BYTES:
        raise _too_large()
    if all(character.isspace() or character in _UNSEEN for character in text):
        raise BadInput("request.empty", "The message is empty.")
    hiding = _HIDING.search(text)
    if hiding:
        raise _bad_text(hiding)
    return text


def _bad_text(found: re.Match[str]) -> BadInput:
    place = found.start() + 1
    character = f"U+{ord(found.group()):04X}"
    return BadInput(
        "request.bad_text", f"The message holds the character {character} at position {place}.", position=place
    )


def _too_large() -> BadInput:
    return BadInput("request.too_large", f"The message is longer than {MAX_BYTES // 1024} KiB.", limit_bytes=MAX_BYTES)
