"""Turns what came back into an output that may be recorded: parsed, without U+0000, within bounds."""

import json

from opsconductor.domain.json_value import Json

MAX_BYTES = 1024 * 1024


class BadOutput(Exception):
    """What came back does not parse as the tool declares."""


def parsed(raw: bytes, parse: str) -> Json:
    """`raw` as json, text or nothing. Raises BadOutput in words."""
    if parse == "none":
        return None
    text = raw.decode("utf-8", "replace").replace("\x00", "\ufffd")
    if parse == "text":
        return {"text": text}
    try:
        value: Json = json.loads(text, parse_constant=_refuse, object_pairs_hook=_unique)
    except (ValueError, RecursionError) as error:
        raise BadOutput(f"The output is not the JSON it should be: {error}") from error
    return value


def _refuse(word: str) -> Json:
    raise ValueError(f"{word} is not JSON")


def _unique(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found
