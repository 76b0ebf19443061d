"""Real processes: commands as a shell starts them, a server of its own home, and HTTP clients of it."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.service.homes import new_home, trained_cache

PROGRAM = Path(sys.executable).with_name("opsconductor")
LONGEST_S = 50


@dataclass(frozen=True, kw_only=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def error(self) -> str:
        """The code of the one error that was told, which must be on one line of its own."""
        assert "Traceback" not in self.out + self.err, self.err
        lines = [line for line in self.err.splitlines() if line.startswith("error ")]
        assert len(lines) == 1, self.err
        assert " Next: " in lines[0]
        return lines[0].split()[1].rstrip(":")


@dataclass(frozen=True, kw_only=True)
class Machine:
    """One home, and the commands and servers of it."""

    home: Path
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def variables(self) -> dict[str, str]:
        given = {name: value for name, value in os.environ.items() if not name.startswith("OPSCONDUCTOR_")}
        return given | {"OPSCONDUCTOR_HOME": str(self.home), "NO_COLOR": "1"} | self.environment

    def start(self, *arguments: str, **options: Any) -> "subprocess.Popen[str]":
        """A command that runs while the test goes on."""
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return subprocess.Popen([str(PROGRAM), *arguments], env=self.variables, text=True, **{**pipes, **options})

    def run(self, *arguments: str, input: str | None = None, **environment: str) -> Done:
        """A command from start to end."""
        done = subprocess.run(
            [str(PROGRAM), *arguments],
            env=self.variables | environment,
            input=input,
            capture_output=True,
            text=True,
            timeout=LONGEST_S,
            check=False,
        )
        assert "Traceback" not in done.stdout + done.stderr, done.stderr
        return Done(code=done.returncode, out=done.stdout, err=done.stderr)

    def reply(self, *arguments: str) -> dict[str, Any]:
        """The reply of a command with --json."""
        done = self.run(*arguments, "--json")
        assert done.out, done.err
        found: dict[str, Any] = json.loads(done.out)
        return found

    @contextmanager
    def serving(self, *arguments: str) -> Iterator["Server"]:
        """A server of this home, on free ports, until the block ends."""
        machine = Machine(home=self.home, environment={**self.environment, "OPSCONDUCTOR_ASSET_SERVICE_PORT": "0"})
        process = machine.start("serve", "--port", "0", *arguments)
        try:
            assert process.stdout is not None
            lines = []
            for line in process.stdout:
                lines.append(line.strip())
                if line.startswith("Stop with"):
                    break
            assert lines, process.stderr.read() if process.stderr else ""
            yield Server(machine=self, process=process, lines=lines)
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
            process.communicate(timeout=LONGEST_S)


@dataclass(frozen=True, kw_only=True)
class Server:
    """A running server of a machine."""

    machine: Machine
    process: "subprocess.Popen[str]"
    lines: list[str]

    @property
    def address(self) -> str:
        return next(line.split()[-1] for line in self.lines if line.startswith("OpsConductor serves"))

    @property
    def sign_in_url(self) -> str:
        return next(line.split()[-1] for line in self.lines if line.startswith("Sign in"))

    def http(self, **headers: str) -> httpx2.Client:
        """A client that nobody knows."""
        return httpx2.Client(base_url=self.address, headers=headers, timeout=LONGEST_S, trust_env=False)

    def signed_in(self) -> httpx2.Client:
        """A client with a new bearer token of the requester."""
        done = self.machine.run("tokens", "create")
        assert done.code == 0, done.err
        return self.http(Authorization=f"Bearer {done.out.strip()}")


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return trained_cache(tmp_path_factory)


@pytest.fixture
def machine(trained: Path, tmp_path: Path) -> Machine:
    """A machine with a fresh home."""
    return Machine(home=new_home(tmp_path / "home", trained))


@pytest.fixture(scope="module")
def server(trained: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for all tests of a module."""
    home = new_home(tmp_path_factory.mktemp("served") / "home", trained)
    with Machine(home=home).serving() as running:
        yield running


@pytest.fixture(scope="module")
def http(server: Server) -> Iterator[httpx2.Client]:
    """A client with a bearer token of the requester."""
    with server.signed_in() as client:
        yield client


@pytest.fixture
def problem_of() -> Callable[[httpx2.Response], tuple[int, str]]:
    """Status and code of a problem document, which must be one."""

    def told(response: httpx2.Response) -> tuple[int, str]:
        assert response.headers["content-type"] == "application/problem+json", response.text
        document = response.json()
        assert document["status"] == response.status_code
        assert document["next_step"]
        assert "Traceback" not in response.text
        return response.status_code, document["code"]

    return told
