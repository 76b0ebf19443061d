"""Starts the World, and asks it things from ordinary code."""

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from opsconductor.testing.world.log import WorldEntry, read_world_log
from opsconductor.testing.world.server import log_of


@dataclass(frozen=True, kw_only=True)
class World:
    """A running World: where it listens, and where its logs are."""

    port: int
    folder: Path

    def log(self, realm: str) -> tuple[WorldEntry, ...]:
        """What the World itself recorded of a realm."""
        return tuple(read_world_log(log_of(self.folder, realm)))

    def behave(
        self, realm: str, verb: str, mark: str, behaviour: str, *, after_s: float = 0.0, now: float = 0.0
    ) -> None:
        """The next request of `verb` with `mark` is met with a behaviour of `realm.py`; the last word said holds."""
        how = {"verb": verb, "mark": mark, "behaviour": behaviour, "after_s": after_s}
        self._exchange({"realm": realm, "now": now, "do": "behave", **how})

    def read(self, realm: str, target: str, now: float) -> dict[str, int]:
        """What can be seen of a target at `now`, in seconds since 1970; what is due by then has happened."""
        seen: dict[str, int] = self._exchange({"realm": realm, "now": now, "do": "read", "target": target})
        return seen

    def _exchange(self, request: dict[str, Any]) -> Any:
        with socket.create_connection(("127.0.0.1", self.port), timeout=30) as connection:
            connection.sendall(json.dumps(request).encode() + b"\n")
            with connection.makefile() as answers:
                return json.loads(answers.readline())


@contextmanager
def running_world(folder: Path) -> Iterator[World]:
    """A World of its own for the block; its logs stay in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "opsconductor.testing.world", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield World(port=int(process.stdout.readline()), folder=folder)
        finally:
            process.kill()
