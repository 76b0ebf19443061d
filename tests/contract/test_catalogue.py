"""Every engine of the catalogue port keeps the port's promises, with the default pack in its folder."""

import importlib
import pkgutil
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import opsconductor.adapters.catalogue
from opsconductor.adapters.catalogue.files import default_pack
from opsconductor.adapters.expressions.cel import open_expressions
from opsconductor.adapters.schema.json_schema import open_schemas
from opsconductor.ports.catalogue import Catalogues, PackChecker
from opsconductor.testing.contracts.catalogue import PROMISES, Check, Open
from opsconductor.testing.doubles.clock.moving import MovingClockDouble

FOLDER = opsconductor.adapters.catalogue
ENGINES = sorted(found.name for found in pkgutil.iter_modules(FOLDER.__path__, FOLDER.__name__ + "."))


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.__name__)
@pytest.mark.parametrize("cached", [False, True], ids=["checked", "cached"])
@pytest.mark.parametrize("engine", ENGINES)
def test_engine(engine: str, cached: bool, promise: Callable[[Path, Open, Check], None], tmp_path: Path) -> None:
    module = importlib.import_module(engine)

    def opened(folder: Path, clock: MovingClockDouble) -> Catalogues:
        cache = tmp_path / "cache" if cached else None
        found: Catalogues = module.open_catalogues(folder, cache, clock, open_expressions(), open_schemas())
        return found

    def checker() -> PackChecker:
        found: PackChecker = module.open_checker(open_expressions(), open_schemas())
        return found

    folder = tmp_path / "pack"
    shutil.copytree(default_pack(), folder)
    if cached:
        opened(folder, MovingClockDouble())
    promise(folder, opened, checker)


def test_the_engine_is_here() -> None:
    assert [name.rpartition(".")[2] for name in ENGINES] == ["files"]
