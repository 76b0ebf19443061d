"""Tests mirror sources: `src/opsconductor/a/b.py` is tested by `tests/unit/a/test_b.py`, path for path, both ways."""

import ast

import pytest

from tests.architecture.tree import (
    ROOT,
    Function,
    Module,
    body_after_docstring,
    demand_none,
    last_name,
    modules,
    sample,
)

TESTS = ROOT / "tests"


def is_only_declared(function: Function) -> bool:
    """A function with nothing to run: a docstring, `...`, or nothing but a `pass`."""
    left = [node for node in body_after_docstring(function.body) if not isinstance(node, ast.Pass)]
    return all(isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) for node in left)


def has_logic(module: Module) -> bool:
    """Whether anything in it can be wrong at run time: constants, Protocols, plain values and re-exports cannot."""
    within: list[ast.AST] = [module.tree]
    while within:
        node = within.pop()
        if isinstance(node, ast.ClassDef) and any(last_name(base) == "Protocol" for base in node.bases):
            continue
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not is_only_declared(node):
            return True
        within.extend(ast.iter_child_nodes(node))
    return False


def mirror(module: Module) -> str:
    """Where the tests of a module stand, below `tests/`. Contracts are run by `tests/contract`."""
    kind, folder = "unit", module.folder
    if folder.startswith("testing/contracts"):
        kind, folder = "contract", folder.removeprefix("testing/contracts").lstrip("/")
    return "/".join(part for part in (kind, folder, f"test_{module.stem.strip('_')}.py") if part)


def contract(module: Module) -> str:
    """The contract test that also covers a module: a double is what the promises of its port are tried on."""
    parts = module.path.split("/")
    return f"contract/test_{parts[2].removesuffix('.py')}.py" if parts[:2] == ["testing", "doubles"] else mirror(module)


def holds_a_test(path: str) -> bool:
    """Whether the file exists and has a test function in it, or takes over the promises of a contract."""
    file = TESTS / path
    if not file.is_file():
        return False
    tree = ast.parse(file.read_text("utf-8"))
    defined = [node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    taken = [name.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for name in node.names]
    classes = [node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    return any(name.startswith("test_") for name in defined) or any(name.startswith("Test") for name in classes + taken)


def test_every_module_with_logic_has_its_tests() -> None:
    untested = [m for m in modules() if has_logic(m) and not holds_a_test(mirror(m)) and not holds_a_test(contract(m))]
    demand_none(f"{module.path}: no test in tests/{mirror(module)}" for module in untested)


def test_every_unit_test_has_its_module() -> None:
    sources = {mirror(module) for module in modules()}
    found = {file.relative_to(TESTS).as_posix() for file in (TESTS / "unit").rglob("test_*.py")}
    assert found - sources == set()


def test_a_test_lies_where_tests_lie() -> None:
    places = {"unit", "contract", "scenario", "crash", "service", "browser", "architecture", "data", "conftest.py"}
    assert {entry.name for entry in TESTS.iterdir() if entry.name != "__pycache__"} - places == set()


@pytest.mark.parametrize(
    ("path", "test"),
    [
        ("pipeline.py", "unit/test_pipeline.py"),
        ("adapters/storage/sqlite/engine.py", "unit/adapters/storage/sqlite/test_engine.py"),
        ("phases/__init__.py", "unit/phases/test_init.py"),
        ("testing/doubles/embedder/hashed_words.py", "unit/testing/doubles/embedder/test_hashed_words.py"),
        ("testing/contracts/embedder.py", "contract/test_embedder.py"),
    ],
)
def test_the_place_of_a_test_follows_from_the_path(path: str, test: str) -> None:
    assert mirror(sample("", path)) == test


@pytest.mark.parametrize(
    "text",
    [
        "LIMIT = 3",
        "from a import b\n__all__ = ['b']",
        "class Clock(Protocol):\n    def now(self) -> int:\n        return 1",
        "class Clock(Protocol[T]):\n    def now(self) -> int: ...",
        "@dataclass(frozen=True)\nclass Asset:\n    name: str",
    ],
)
def test_what_cannot_be_wrong_needs_no_test(text: str) -> None:
    assert not has_logic(sample(text))


@pytest.mark.parametrize("text", ["def f():\n    return 1", "class A:\n    def f(self):\n        return self.x"])
def test_what_runs_needs_a_test(text: str) -> None:
    assert has_logic(sample(text))
