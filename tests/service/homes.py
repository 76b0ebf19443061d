"""Homes that need no training: the trained heads of the default pack are made once for all test processes."""

import asyncio
import fcntl
import shutil
from pathlib import Path

import pytest

from opsconductor.bootstrap import open_engine
from opsconductor.domain.turn import TurnInput
from opsconductor.settings import load_settings


def trained_cache(factory: pytest.TempPathFactory) -> Path:
    """A cache folder as a home has it after its first turn; made by whichever test process comes first."""
    base = factory.getbasetemp()
    shared = base.parent if base.name.startswith("popen-") else base
    home = shared / "trained-home"
    with (shared / "trained-home.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (home / "cache" / "done").exists():
            asyncio.run(_train(home))
            (home / "cache" / "done").touch()
    return home / "cache"


def new_home(home: Path, cache: Path) -> Path:
    """A fresh home but for that cache."""
    home.mkdir(mode=0o700, parents=True)
    shutil.copytree(cache, home / "cache")
    return home


async def _train(home: Path) -> None:
    async with open_engine(load_settings({"home": str(home)})) as engine:
        identity = await engine.storage.identity("default", "requester")
        assert identity is not None
        await engine.take_turn(TurnInput(turn_id=engine.ids.new("turn"), identity=identity, message="help"))
