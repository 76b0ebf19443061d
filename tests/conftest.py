"""What every test stands on: no test touches the home, the settings or the servers of the person who runs it."""

import errno
import ipaddress
import os
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the command line sets it: threads of numpy only wait here

# Before any test module is imported: only OPSCONDUCTOR_TEST_* (real servers offered to the tests) pass through.
for _name in [name for name in os.environ if name.startswith("OPSCONDUCTOR_")]:
    if not _name.startswith("OPSCONDUCTOR_TEST_"):
        del os.environ[_name]


@pytest.fixture(scope="session", autouse=True)
def nobodys_home() -> Iterator[None]:
    """A home directory that belongs to this test process, for whatever falls back to the user's own."""
    with tempfile.TemporaryDirectory(prefix="opsconductor-tests-", ignore_cleanup_errors=True) as folder:
        places = {"HOME": "", "XDG_DATA_HOME": "data", "XDG_CONFIG_HOME": "config", "XDG_CACHE_HOME": "cache"}
        places |= {"XDG_STATE_HOME": "state", "XDG_RUNTIME_DIR": "run"}
        with pytest.MonkeyPatch.context() as patch:
            for name, below in places.items():
                patch.setenv(name, str(Path(folder) / below))
            yield


@pytest.fixture(scope="session", autouse=True)
def this_machine_only() -> Iterator[None]:
    """No test needs a network: to this process everything but loopback is unreachable."""

    class LocalSocket(socket.socket):
        def connect(self, address: Any, /) -> None:
            _refuse_elsewhere(self.family, address)
            super().connect(address)

        def connect_ex(self, address: Any, /) -> int:
            _refuse_elsewhere(self.family, address)
            return super().connect_ex(address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "socket", LocalSocket)
        yield


def _refuse_elsewhere(family: int, address: Any) -> None:
    if family in (socket.AF_INET, socket.AF_INET6) and not _is_here(address[0]):
        raise OSError(errno.ENETUNREACH, "Network is unreachable: tests reach this machine only")


def _is_here(host: str) -> bool:
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host == "localhost"
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A fresh OpsConductor home for one test: pass it on; nothing is in it, not even the folder itself."""
    return tmp_path / "home"
