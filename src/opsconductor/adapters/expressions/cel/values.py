"""Names on their way into an expression: plain, weighed, and within what the library can hold without harm."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from opsconductor.domain.json_value import Json

MAX_DEPTH = 40  # the library recurses in native code: deeper values could end the process
MAX_WEIGHT = 500_000
_INT_RANGE = range(-(2**63), 2**63)  # the library turns larger numbers into inexact ones
_CHARACTERS_A_UNIT = 16


class UnfitError(ValueError):
    """A value that no expression is given; the text says why."""


@dataclass
class _Weight:
    units: int = 0


def plain_names(names: Mapping[str, Json]) -> tuple[dict[str, object], int]:
    """`names` as dicts and lists, and their weight: a unit a value, and one for every 16 characters of text.

    Raises UnfitError for values that are too deep or large, numbers outside 64 bits, NaN, and keys that are no text.
    """
    weight = _Weight()
    return {name: _plain(value, weight, 0) for name, value in names.items()}, weight.units


def is_json(value: object) -> bool:
    """Whether a result is a JSON value: timestamps, durations and bytes are not."""
    if isinstance(value, dict):
        return all(isinstance(key, str) and is_json(item) for key, item in value.items())
    if isinstance(value, list):
        return all(is_json(item) for item in value)
    return value is None or isinstance(value, str | int) or (isinstance(value, float) and math.isfinite(value))


def _plain(value: Json, weight: _Weight, depth: int) -> object:
    if depth > MAX_DEPTH:
        raise UnfitError("the values it looks at are nested too deeply")
    weight.units += 1 + (len(value) // _CHARACTERS_A_UNIT if isinstance(value, str) else 0)
    if weight.units > MAX_WEIGHT:
        raise UnfitError("the values it looks at are too large")
    if isinstance(value, str):
        return str(value)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        if value not in _INT_RANGE:
            raise UnfitError("a number it looks at does not fit into 64 bits")
        return value
    if isinstance(value, float):
        if not math.isfinite(value):
            raise UnfitError("a number it looks at is not finite")
        return value
    if isinstance(value, (dict, Mapping)):
        return {_key(key): _plain(item, weight, depth + 1) for key, item in value.items()}
    if isinstance(value, (list, tuple, Sequence)) and not isinstance(value, bytes | bytearray):
        return [_plain(item, weight, depth + 1) for item in value]
    raise UnfitError(f"a value it looks at is of no JSON type: {type(value).__name__}")


def _key(key: object) -> str:
    if not isinstance(key, str):
        raise UnfitError("a value it looks at has a key that is no text")
    return str(key)
