"""A host as its own programs see it: the directory they live in, the services in `etc/`, and how they refuse."""

import json
import os
import sys
from collections.abc import Callable

FAILED = 1
USAGE = 2
UNKNOWN_SERVICE = 3
UNKNOWN_VERSION = 4
PORT_TAKEN = 5
BUSY = 75


class ProgramError(Exception):
    """The program cannot do what was asked: a message for standard error and an exit status."""

    def __init__(self, status: int, message: str) -> None:
        """`status` is one of the constants above."""
        super().__init__(message)
        self.status = status


class Service:
    """A service of this host as `etc/services.json` declares it."""

    def __init__(self, root: str, name: str, protocol: str, port: int) -> None:
        """`protocol` is http or line; `port` is on loopback."""
        self.root = root
        self.name = name
        self.protocol = protocol
        self.port = port

    def run_file(self, ending: str) -> str:
        """A file of this service under `run/`."""
        return os.path.join(self.root, "run", f"{self.name}.{ending}")

    @property
    def log(self) -> str:
        """Where its standard output and error go."""
        return os.path.join(self.root, "var", "log", f"{self.name}.log")

    @property
    def releases(self) -> str:
        """The directory with one directory a version, and the links `current` and `previous`."""
        return os.path.join(self.root, "opt", self.name)


def host_root() -> str:
    """The host's directory: this file is `<root>/libexec/host_programs/host.py`."""
    return os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))


def find_service(root: str, name: str) -> Service:
    """The declared service of that name; a name that is not declared goes no further than this comparison."""
    with open(os.path.join(root, "etc", "services.json"), encoding="utf-8") as file:
        declared = json.load(file)
    if name not in declared:
        known = ", ".join(sorted(declared))
        raise ProgramError(UNKNOWN_SERVICE, f"unknown service {name!a}; this host runs: {known}")
    return Service(root, name, declared[name]["protocol"], declared[name]["port"])


def write_line(answer: dict[str, object]) -> None:
    """One JSON object on one line of standard output."""
    sys.stdout.write(json.dumps(answer, separators=(",", ":")) + "\n")


def run_program(name: str, program: Callable[[list[str]], None]) -> int:
    """Run it on the command line's arguments; an error becomes one line on standard error and its exit status."""
    try:
        program(sys.argv[1:])
        sys.stdout.flush()
    except ProgramError as error:
        sys.stderr.write(f"{name}: {error}\n")
        return error.status
    except OSError as error:
        sys.stderr.write(f"{name}: {error.strerror}: {error.filename!a}\n")
        return FAILED
    return 0
