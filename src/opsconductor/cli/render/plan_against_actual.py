"""What a plan predicted beside what came of it, in lines; what differs is marked."""

from collections.abc import Iterator, Mapping
from typing import Any

DIFFERS = "!"
ROWS = (
    ("predicted", "Predicted"),
    ("changed", "Changed"),
    ("not_changed", "Not changed"),
    ("undone", "Taken back"),
    ("unknown", "Not known"),
)


def comparison_lines(compared: Mapping[str, Any]) -> Iterator[str]:
    """Nothing for an execution that was to change nothing; a line that differs begins with `!`."""
    if not compared.get("predicted"):
        return
    for key, label in ROWS:
        if changes := compared.get(key):
            mark = " " if key in ("predicted", "changed") else DIFFERS
            yield f"{mark} {label}: {', '.join(changes)}"
    if compared.get("actual_s") is not None:
        yield f"  Estimated {compared['estimate_s']:g} s, took {compared['actual_s']:.1f} s"
    for words in compared.get("differences") or ():
        yield f"{DIFFERS} {words}"
