"""The World's own log: one file a realm, one JSON line a fact, on disk before anybody hears of it."""

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

BEHAVES = "behaves"  # how the next request of this verb and mark is met
ASKED = "asked"  # a request for an effect has arrived
DONE = "done"  # the effect has happened
REFUSED = "refused"  # the World has said no: it never happens
LOOKED = "looked"  # somebody has read a target


@dataclass(frozen=True, kw_only=True)
class WorldEntry:
    """One fact."""

    number: int  # from 1, without gaps
    at: float  # seconds since 1970, by the clock of those who ask
    what: str  # one of the words above
    verb: str  # what is done: restart, undo, …
    mark: str  # which step asks: unique to one step of one execution
    target: str = ""
    ask: int = 0  # of DONE and REFUSED: the number of the request
    behaviour: str = ""
    after_s: float = 0.0  # of BEHAVES: how late
    due: float | None = None  # of ASKED: when it happens, if it happens by itself


class RealmLog:
    """The log of one realm, open for appending. What is in the file already is read first."""

    def __init__(self, path: Path) -> None:
        """Makes the file where it is missing."""
        self.entries = list(read_world_log(path))
        self._descriptor = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC, 0o600)

    def append(self, entry: WorldEntry) -> WorldEntry:
        """Write it and wait for the disk."""
        os.write(self._descriptor, json.dumps(asdict(entry)).encode() + b"\n")
        os.fsync(self._descriptor)
        self.entries.append(entry)
        return entry

    def close(self) -> None:
        """Nothing more is written."""
        os.close(self._descriptor)


def read_world_log(path: Path) -> Iterator[WorldEntry]:
    """The facts in order; nothing when nobody ever asked this realm for anything."""
    if path.exists():
        for line in path.read_text("utf-8").splitlines():
            yield WorldEntry(**json.loads(line))
