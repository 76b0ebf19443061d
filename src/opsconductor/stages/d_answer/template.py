"""The small language of answer templates: `{path}` and `{path|filter}` filled from stored values, with evidence."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from opsconductor.domain.json_value import Json
from opsconductor.domain.response import Evidence

PLACEHOLDER = re.compile(r"\{([a-z_][\w.]*)(?:\|([^{}]+))?\}")
UNITS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")


@dataclass(frozen=True, kw_only=True)
class Rendered:
    """A sentence and the evidence of each value in it; `missing` names the first path without a value."""

    text: str
    evidence: tuple[Evidence, ...]
    missing: str = ""


def lookup(names: Json, path: str) -> Json:
    """The value at a dotted path (list positions as numbers), or None."""
    value = names
    for part in path.split("."):
        if isinstance(value, Mapping):
            value = value.get(part)
        elif isinstance(value, (list, tuple)) and part.isdigit() and int(part) < len(value):
            value = value[int(part)]
        else:
            return None
    return value


def render(template: str, names: Mapping[str, Json], step: str) -> Rendered:
    """Fill a template. Bare names are inputs; evidence points to `step` by the same path."""
    evidence: list[Evidence] = []
    missing: list[str] = []

    def fill(match: re.Match[str]) -> str:
        path, name = match.group(1), match.group(2) or ""
        full = path if path.split(".")[0] in names else f"input.{path}"
        value = lookup(names, full)
        if value is None:
            missing.append(path)
            return ""
        claim = worded(value, name)
        evidence.append(Evidence(claim=claim, step=step, path=full, value=value))
        return claim

    text = PLACEHOLDER.sub(fill, template)
    return Rendered(text=text, evidence=tuple(evidence), missing=missing[0] if missing else "")


def worded(value: Json, filter_name: str) -> str:
    """One value in words. Filters: bytes · list · a choice `yes words:no words` for booleans."""
    if ":" in filter_name and isinstance(value, bool):
        yes, no = filter_name.split(":", 1)
        return yes if value else no
    if filter_name == "bytes" and isinstance(value, int):
        return in_bytes(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (list, tuple)):
        return ", ".join(worded(item, filter_name) for item in value) or "none"
    return str(value)


def in_bytes(count: int) -> str:
    """A byte count with a binary unit and one decimal, rounded down so that it never overstates."""
    unit = 0
    while unit + 1 < len(UNITS) and count >= 1024 ** (unit + 1):
        unit += 1
    if unit == 0:
        return f"{count} B"
    tenths = count * 10 // 1024**unit
    return f"{tenths // 10}.{tenths % 10} {UNITS[unit]}"
