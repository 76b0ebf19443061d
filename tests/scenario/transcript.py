"""A transcript that two runs can be held against each other by: ids and times replaced in the order they appear in."""

import re
from collections.abc import Mapping
from typing import Any

MEASURED = frozenset({"phases", "duration_s", "actual_s", "ms", "started_ms", "elapsed_ms", "us", "nonce"})
"""Keys whose values are measured or random; that they are there is all that is kept."""

_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z| UTC)?")
_ID = re.compile(
    r"(?<![0-9a-f-])(?P<uuid>[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})(?![0-9a-f-])"
    r"|(?P<owner>\b\d{1,10}-[0-9a-f]{8,16}-[0-9a-f]{8}(?:-[0-9a-f]{8})?\b)"
    r"|(?P<hex>(?<![0-9a-z])[0-9a-f]{16,64}(?![0-9a-z]))"
    r"|(?<=127\.0\.0\.1:)(?P<port>\d+)"
)


class Transcript:
    """What was said and stored, in the order it came."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, Any]] = []
        self._names: dict[str, str] = {}

    def add(self, what: str, value: Any) -> None:
        """Put down a value of plain JSON data under a heading."""
        self.lines.append((what, self._normal(value)))

    def _normal(self, value: Any) -> Any:
        if isinstance(value, Mapping):
            return {
                self._text(key): "measured" if key in MEASURED else self._normal(item) for key, item in value.items()
            }
        if isinstance(value, list):
            return [self._normal(item) for item in value]
        return self._text(value) if isinstance(value, str) else value

    def _text(self, text: str) -> str:
        return _ID.sub(self._name, _TIME.sub("TIME", text))

    def _name(self, found: re.Match[str]) -> str:
        return self._names.setdefault(found[0], f"<{found.lastgroup} {len(self._names) + 1}>")
