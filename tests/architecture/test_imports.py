"""Import rules: the contracts bite, the domain is standard library only, and each third-party library has its home."""

import shutil
import subprocess
import sys
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT, Module, demand_none, imported_names, modules, sample

# Where a library may be imported: patterns of module paths; `*` also spans folders.
HOMES = {
    "rfc8785": ("ports/canonical.py",),
    "redis": ("adapters/*/redis.py",),
    "sqlite3": ("adapters/storage/*", "adapters/asset_store/*", "adapters/*/sqlite*"),
    "psycopg": ("adapters/*/postgres*", "testing/servers/*"),
    "psycopg_pool": ("adapters/*/postgres*",),
    "asyncpg": ("adapters/*/postgres*",),
    "cel": ("adapters/expressions/*",),
    "cedarpy": ("adapters/authorizer/*",),
    "jsonschema": ("adapters/schema/*",),
    "re2": ("adapters/*",),
    "onnxruntime": ("adapters/embedder/*",),
    "asyncssh": ("adapters/connector/*", "lab/*"),
    "pynetbox": ("adapters/*", "services/*"),
    "yaml": ("adapters/*", "services/*", "settings.py", "cli/*"),
    "typer": ("cli/*",),
    "click": ("cli/*",),
    "rich": ("cli/*",),
    "fastapi": ("server/*", "services/*", "testing/*"),
    "starlette": ("server/*", "services/*", "testing/*"),
    "uvicorn": ("server/*", "services/*", "lab/*", "cli/*", "testing/*"),
}
# Where our own engines may be named: the doors get what they use from bootstrap.
WIRING = ("bootstrap.py", "bootstrap/*", "adapters/*")
STANDARD_LIBRARY_ONLY = {"domain": (), "ports": ("rfc8785", "numpy")}


def away_from_home(module: Module) -> list[str]:
    """Imports of a library, or of an engine of ours, outside the places that may know it."""
    faults = []
    for node, name in imported_names(module.tree):
        library = name.split(".")[0]
        homes = HOMES.get(library)
        if homes and not any(fnmatchcase(module.path, pattern) for pattern in homes):
            faults.append(module.at(node, f"imports {library}, whose home is {', '.join(homes)}"))
        if name.startswith("opsconductor.adapters") and not any(fnmatchcase(module.path, place) for place in WIRING):
            faults.append(module.at(node, "imports an engine: only bootstrap names engines"))
        known = STANDARD_LIBRARY_ONLY.get(module.top)
        if known is not None and library not in {*sys.stdlib_module_names, "opsconductor", *known}:
            faults.append(module.at(node, f"imports {library}; {module.top} keeps to the standard library"))
    return faults


def test_each_library_is_imported_at_home() -> None:
    demand_none(fault for module in modules() for fault in away_from_home(module))


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("domain/plan.py", "import pydantic"),
        ("ports/schema.py", "import jsonschema"),
        ("stages/c_plan/planner.py", "from rfc8785 import dumps"),
        ("adapters/queue/memory.py", "def f():\n    import redis.asyncio"),
        ("server/app.py", "import sqlite3"),
        ("cli/ask.py", "from opsconductor.adapters.storage.sqlite import open_store"),
        ("testing/world.py", "from opsconductor import adapters"),
    ],
)
def test_a_library_away_from_home_is_found(path: str, text: str) -> None:
    assert away_from_home(sample(text, path))


def test_the_contracts_have_no_ignore_list() -> None:
    text = (ROOT / ".importlinter").read_text("utf-8")
    assert "ignore" not in text
    assert "exhaustive = true" in text


NAMES = ["testing", "cli", "server", "worker", "bootstrap", "settings", "adapters", "services", "lab", "pipeline"]
NAMES += ["after_turn", "phases", "stages", "ports", "domain"]


def break_the_contracts(folder: Path, path: str, text: str) -> str:
    """Lint a small package of the same layout that holds one wrong file: its report, empty when all is kept."""
    package = folder / "opsconductor"
    for name in [*NAMES, "adapters/storage", "adapters/queue"]:
        (package / name).mkdir(parents=True, exist_ok=True)
        (package / name / "__init__.py").touch()
    engines = ["adapters/storage/sqlite.py", "adapters/storage/memory.py", "adapters/queue/memory.py"]
    for name in ["__init__.py", "phases/p01.py", "phases/p02.py", "stages/a.py", "stages/b.py", *engines]:
        (package / name).touch()
    (package / path).parent.mkdir(parents=True, exist_ok=True)
    (package / path).parent.joinpath("__init__.py").touch()
    (package / path).write_text(text)
    shutil.copy(ROOT / ".importlinter", folder)
    linter = Path(sys.executable).with_name("lint-imports")
    command = [str(linter), "--no-cache", "--no-logo"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=50, check=False)
    assert "Contracts: " in done.stdout, done.stdout + done.stderr
    return done.stdout if done.returncode else ""


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("domain/plan.py", "import opsconductor.ports"),
        ("ports/clock.py", "import opsconductor.stages.a"),
        ("stages/a.py", "import opsconductor.stages.b"),
        ("stages/a.py", "import opsconductor.phases.p01"),
        ("phases/p01.py", "import opsconductor.phases.p02"),
        ("adapters/storage/sqlite.py", "import opsconductor.adapters.storage.memory"),
        ("adapters/storage/sqlite.py", "import opsconductor.adapters.queue.memory"),
        ("adapters/storage/sqlite.py", "import opsconductor.services"),
        ("pipeline/turn.py", "import opsconductor.adapters.storage"),
        ("lab/hosts.py", "import opsconductor.settings"),
        ("server/app.py", "import opsconductor.cli"),
        ("bootstrap/wire.py", "import opsconductor.testing"),
        ("extras/new.py", "x = 1"),
    ],
)
def test_a_broken_contract_is_found(tmp_path: Path, path: str, text: str) -> None:
    assert "BROKEN" in break_the_contracts(tmp_path, path, text)


def test_what_the_layers_allow_is_kept(tmp_path: Path) -> None:
    allowed = (
        "import opsconductor.adapters.storage.sqlite\nimport opsconductor.pipeline\nimport opsconductor.settings\n"
    )
    assert break_the_contracts(tmp_path, "bootstrap/wire.py", allowed) == ""
