"""Names on their way into an expression: plain, weighed, and within what the library can hold without harm."""

import math
from collections.abc import Iterable, Mapping, Sequence
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

    def add(self, units: int) -> None:
        self.units += units
        if self.units > MAX_WEIGHT:
            raise UnfitError("the values it looks at are too large")


def plain_names(names: Mapping[str, Json], paths: Iterable[Sequence[str]]) -> tuple[dict[str, object], int]:
    """What stands in `names` at `paths`, as dicts and lists, and its weight: a unit a value and 16 characters of text.

    What is at no path is left out, and so is a path that leads nowhere, but for the part that is there.
    Raises UnfitError for values that are too deep or large, numbers outside 64 bits, NaN, and keys that are no text.
    """
    weight = _Weight()
    plain: dict[str, object] = {}
    for path in paths:
        value: Json = names
        into = plain
        for depth, part in enumerate(path, start=1):
            if not isinstance(value, (dict, Mapping)) or part not in value:
                break
            value = value[part]
            if depth == len(path) or not isinstance(value, (dict, Mapping)):
                into[part] = _plain(value, weight, depth - 1)
                break
            weight.add(1)
            into = into.setdefault(part, {})  # type: ignore[assignment]
    return plain, weight.units


def is_json(value: object) -> bool:
    """Whether a result is a JSON value: timestamps, durations and bytes are not."""
    if value is None or isinstance(value, (str, int)):
        return True
    if isinstance(value, dict):
        return all(isinstance(key, str) and is_json(item) for key, item in value.items())
    if isinstance(value, list):
        return all(is_json(item) for item in value)
    return isinstance(value, float) and math.isfinite(value)


def _plain(value: Json, weight: _Weight, depth: int) -> object:
    if depth > MAX_DEPTH:
        raise UnfitError("the values it looks at are nested too deeply")
    if isinstance(value, str):
        weight.add(1 + len(value) // _CHARACTERS_A_UNIT)
        return str(value)
    weight.add(1)
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
