"""A started lab, a client for it, and a single host without SSH; all of them real and gone after the test."""

import contextlib
import json
import os
import select
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from opsconductor.lab import Lab, LabHost
from opsconductor.lab.host_directory import lay_out
from opsconductor.lab.host_programs.host import Service
from opsconductor.lab.host_programs.processes import start_mark
from opsconductor.lab.hosts import HOSTS
from opsconductor.lab.ports import PortBook
from opsconductor.lab.surroundings import clean_environment

Dial = Callable[..., Any]


@pytest.fixture
async def lab(tmp_path: Path) -> AsyncIterator[Lab]:
    async with Lab(tmp_path / "lab") as started:
        yield started


@pytest.fixture
def dial() -> Dial:
    """Opens an SSH connection to a host, checking its host key; `options` replace what a good client sends."""

    def connect(host: LabHost, **options: Any) -> Any:
        known = asyncssh.import_known_hosts(f"[{host.address}]:{host.port} {host.host_key}\n")
        good = {
            "username": host.username,
            "client_keys": [str(host.private_key_path)],
            "known_hosts": known,
            "config": None,
            "agent_path": None,
            "connect_timeout": 10,
        }
        return asyncssh.connect(host.address, host.port, **(good | options))

    return connect


@dataclass
class Box:
    """The directory of one host, and its programs."""

    root: Path
    service: Service

    def run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(self.root / "bin" / program), *arguments],
            capture_output=True,
            text=True,
            cwd=self.root,
            env=clean_environment(self.root),
            timeout=20,
            check=False,
        )

    def answer(self, program: str, *arguments: str) -> dict[str, Any]:
        """What the program printed, which must be one JSON object on one line, and nothing on standard error."""
        run = self.run(program, *arguments)
        assert (run.returncode, run.stderr) == (0, "")
        assert run.stdout.count("\n") == 1
        told = json.loads(run.stdout, parse_float=lambda text: pytest.fail(f"a float: {text}"))
        assert isinstance(told, dict)
        return told


@pytest.fixture(params=["app-01"])
def box(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Box]:
    """The host app-01, or the one that the test asks for; its service is not started yet."""
    spec = next(host for host in HOSTS if host.name == request.param)
    root = tmp_path / spec.name
    port = PortBook(tmp_path / "ports.json").port("service")
    lay_out(root, spec, port)
    one = Box(root, Service(str(root), spec.service.name, spec.service.protocol, port))
    yield one
    assert one.run("svc", "stop", spec.service.name).returncode == 0


@pytest.fixture
def gone() -> Callable[[int], None]:
    """Returns when the process is no more, told by the system rather than by looking again and again."""

    def wait(pid: int) -> None:
        if start_mark(pid) is None:
            return
        if hasattr(select, "kqueue"):
            with contextlib.closing(select.kqueue()) as queue:
                ends = select.kevent(pid, select.KQ_FILTER_PROC, select.KQ_EV_ADD, select.KQ_NOTE_EXIT)
                assert queue.control([ends], 1, 20)
        else:
            with contextlib.suppress(ProcessLookupError), open(os.pidfd_open(pid), "rb", 0) as watched:
                assert select.select([watched], [], [], 20)[0]

    return wait


@pytest.fixture
def processes_below() -> Callable[[Path], list[str]]:
    """The command lines of live processes that name a directory, as ps shows them."""

    def look(directory: Path) -> list[str]:
        shown = subprocess.run(["ps", "-A", "-ww", "-o", "args="], capture_output=True, text=True, check=True).stdout
        return [line for line in shown.splitlines() if str(directory) in line]

    return look
