"""Turns what came back into an output that may be recorded: parsed, without U+0000, within bounds."""

import json
import math
import re
from collections.abc import Mapping

from opsconductor.domain.json_value import Json

MAX_BYTES = 1024 * 1024
MAX_DEPTH = 64
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")  # no database takes all of these, escaped in JSON or not


class BadOutput(Exception):
    """What came back does not parse as the tool declares."""


def parsed(raw: bytes, parse: str) -> Json:
    """`raw` as json, text or nothing. Raises BadOutput in words."""
    if parse == "none":
        return None
    text = raw.decode("utf-8", "replace")
    if parse == "text":
        return {"text": _storable(text)}
    try:
        value: Json = json.loads(text, parse_constant=_refuse, parse_float=_finite, object_pairs_hook=_unique)
        return _cleaned(value, MAX_DEPTH)
    except (ValueError, RecursionError) as error:
        raise BadOutput(f"The output is not the JSON it should be: {error}") from error


def _storable(text: str) -> str:
    return _UNSTORABLE.sub("\ufffd", text)


def _cleaned(value: Json, depth: int) -> Json:
    if isinstance(value, str):
        return _storable(value)
    if not isinstance(value, (Mapping, list)):
        return value
    if not depth:
        raise ValueError(f"it is nested more than {MAX_DEPTH} deep")
    if isinstance(value, Mapping):
        return _unique([(_storable(key), _cleaned(item, depth - 1)) for key, item in value.items()])
    return [_cleaned(item, depth - 1) for item in value]


def _finite(text: str) -> Json:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("a number is too large")
    return number


def _refuse(word: str) -> Json:
    raise ValueError(f"{word} is not JSON")


def _unique(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found
