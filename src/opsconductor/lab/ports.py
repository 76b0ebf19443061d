"""Which loopback ports the lab uses: the same as last time where they are free, so that inventories stay right."""

import json
import random
import socket
from pathlib import Path

from opsconductor.lab.hosts import ADDRESS

# Below the ranges from which Linux and macOS take the ports of outgoing connections: there, a port that is free while a
# service restarts may be taken by somebody's connection in just that moment.
_RANGE = range(20_000, 32_000)


class PortBook:
    """Ports by label, for example `app-01/ssh`, kept in a state file."""

    def __init__(self, path: Path) -> None:
        """Reads the file when it is there; one that cannot be read is begun afresh."""
        self._path = path
        self._ports: dict[str, int] = {}
        try:
            stored = json.loads(path.read_text("utf-8"))["ports"]
            self._ports = {str(label): int(port) for label, port in stored.items()}
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            self._ports = {}

    def port(self, label: str, *, in_use_by_us: bool = False) -> int:
        """The port of that label: the stored one if it is free, or in use by our own process, else a new one."""
        stored = self._ports.get(label)
        if stored is not None and (in_use_by_us or is_free(stored)):
            return stored
        return self.change(label)

    def change(self, label: str) -> int:
        """Give that label another port that is free."""
        port = random.choice(_RANGE)  # not a secret; spread, so that two labs seldom meet
        while port in self._ports.values() or not is_free(port):
            port = random.choice(_RANGE)
        self._ports[label] = port
        return port

    def save(self) -> None:
        """Write the file, whole or not at all."""
        fresh = self._path.with_suffix(".new")
        fresh.write_text(json.dumps({"ports": self._ports}, indent=1, sort_keys=True) + "\n", "utf-8")
        fresh.replace(self._path)


def is_free(port: int) -> bool:
    """Whether a server could listen there now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((ADDRESS, port))
        except OSError:
            return False
    return True
