"""Every engine of the audit anchor port keeps the port's promises."""

import importlib
import pkgutil
from collections.abc import Callable
from pathlib import Path

import pytest

import opsconductor.adapters.audit_anchor
from opsconductor.testing.contracts.audit_anchor import PROMISES, OpenAnchor

_FOLDER = opsconductor.adapters.audit_anchor
ENGINES = sorted(found.name for found in pkgutil.iter_modules(_FOLDER.__path__, _FOLDER.__name__ + "."))


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.__name__)
@pytest.mark.parametrize("engine", ENGINES)
def test_engine(engine: str, promise: Callable[[OpenAnchor, Path], None], tmp_path: Path) -> None:
    promise(importlib.import_module(engine).open_anchor, tmp_path / "keys" / "audit.anchor")


def test_the_engine_is_here() -> None:
    assert [name.rpartition(".")[2] for name in ENGINES] == ["sealed_file"]
