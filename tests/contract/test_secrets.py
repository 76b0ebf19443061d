"""Every engine of the secrets port keeps the port's promises."""

import pkgutil
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

import opsconductor.adapters.secrets
from opsconductor.adapters.secrets.files import FileSecrets
from opsconductor.ports.secrets import Secrets
from opsconductor.testing.contracts.secrets import PROMISES


def files(folder: Path) -> Secrets:
    (folder / "known").write_bytes(b"hunter2")
    (folder / "known").chmod(0o600)
    return FileSecrets(folder)


ENGINES: dict[str, Callable[[Path], Secrets]] = {"files": files}


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.__name__)
@pytest.mark.parametrize("engine", sorted(ENGINES))
async def test_engine(engine: str, promise: Callable[[Secrets], Awaitable[None]], tmp_path: Path) -> None:
    await promise(ENGINES[engine](tmp_path))


def test_every_engine_is_tried() -> None:
    assert {found.name for found in pkgutil.iter_modules(opsconductor.adapters.secrets.__path__)} == set(ENGINES)
