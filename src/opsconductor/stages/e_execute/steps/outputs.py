"""Caps what a step's result holds: a summary in the result, the whole under a reference."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from opsconductor.domain.json_value import Json

SUMMARY_BYTES = 10 * 1024
"""The output in a result is at most so long, as JSON in UTF-8."""

CUT = "…"


@dataclass(frozen=True, kw_only=True)
class CappedOutput:
    """An output as a result holds it. `ref` and `whole` are set only when something was left out."""

    summary: Json
    ref: str | None = None
    whole: bytes = b""


NO_OUTPUT = CappedOutput(summary=None)


def capped(output: Json, ref: str) -> CappedOutput:
    """The output itself when it is small enough, else its summary, to be kept whole under `ref`."""
    whole = _json(output)
    if len(whole) <= SUMMARY_BYTES:
        return CappedOutput(summary=output)
    return CappedOutput(summary=_fitted(output, SUMMARY_BYTES), ref=ref, whole=whole)


def output_ref(execution_id: str, step_id: str, target_id: str, attempt: int) -> str:
    """Where an attempt's whole output is kept: it begins with its execution's id and fits into a path."""
    return ".".join(part for part in (execution_id, step_id, target_id, str(attempt)) if part)


def execution_of(ref: str) -> str:
    """The execution that an output belongs to."""
    return ref.partition(".")[0]


def _json(value: Json) -> bytes:
    return _compact(value).encode("utf-8", "replace")


_compact = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def _fitted(value: Json, room: int) -> Json:
    """`value` in the same shape within `room` bytes: texts end early, lists lose their tail, small fields stay."""
    if len(_json(value)) <= room:
        return value
    if isinstance(value, str):
        return _shortened(value, room)
    if isinstance(value, Mapping):
        return _fitted_fields(value, room)
    if isinstance(value, (list, tuple)):
        return _fitted_items(value, room)
    return None  # a number longer than its room


def _shortened(text: str, room: int) -> str:
    """The beginning of the text: the most characters that fit, found by halving."""
    fits, too_many = 0, len(text)
    while too_many - fits > 1:
        middle = (fits + too_many) // 2
        fits, too_many = (middle, too_many) if len(_json(text[:middle] + CUT)) <= room else (fits, middle)
    return text[:fits] + CUT


def _fitted_fields(fields: Mapping[str, Json], room: int) -> dict[str, Json]:
    """Smallest first: each may take an even share of what is left, so that only the large ones are cut."""
    left = room - 2 - sum(len(_json(name)) + 2 for name in fields)
    kept: dict[str, Json] = {}
    by_size = sorted(fields, key=lambda name: len(_json(fields[name])))
    for place, name in enumerate(by_size):
        share = left // (len(by_size) - place)
        if share < len(_json(CUT)):
            continue  # not even room to say that something is missing
        kept[name] = _fitted(fields[name], share)
        left -= len(_json(kept[name]))
    return {name: kept[name] for name in fields if name in kept}


def _fitted_items(items: Sequence[Json], room: int) -> list[Json]:
    kept: list[Json] = []
    left = room - 2
    for item in items:
        size = len(_json(item)) + 1
        if size > left:
            break
        kept.append(item)
        left -= size
    if not kept and items and left > len(_json(CUT)):
        kept.append(_fitted(items[0], left - 1))
    return kept
