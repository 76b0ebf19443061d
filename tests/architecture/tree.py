"""The source tree as the architecture tests see it: each module parsed once, faults as readable lines."""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import TypeAlias

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "opsconductor"

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Module:
    """One source file; `path` is relative to the package and uses slashes: `adapters/storage/sqlite/engine.py`."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, self.path)

    @property
    def top(self) -> str:
        """The top-level name: `adapters` for `adapters/x/y.py`, `pipeline` for `pipeline.py`."""
        return self.path.split("/")[0].removesuffix(".py")

    @property
    def folder(self) -> str:
        return self.path.rpartition("/")[0]

    @property
    def stem(self) -> str:
        return self.path.rpartition("/")[2].removesuffix(".py")

    def at(self, node: ast.AST, fault: str) -> str:
        return f"{self.path}:{getattr(node, 'lineno', 1)}: {fault}"


@cache
def modules() -> tuple[Module, ...]:
    """Every Python file of the package."""
    files = sorted(PACKAGE.rglob("*.py"))
    return tuple(Module(file.relative_to(PACKAGE).as_posix(), file.read_text("utf-8")) for file in files)


def sample(text: str, path: str = "services/sample.py") -> Module:
    """A made-up module, to show that a rule catches what it is for."""
    return Module(path, text)


def functions(tree: ast.AST) -> Iterator[Function]:
    """Every function and method, nested ones included."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def body_after_docstring(body: list[ast.stmt]) -> list[ast.stmt]:
    """The statements of a body without its docstring."""
    if body and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        return body[1:] if isinstance(body[0].value.value, str) else body
    return body


def last_name(node: ast.AST | None) -> str:
    """`c` for `a.b.c`, `a.b.c[...]` and `a.b.c(...)`; empty for what has no name."""
    while isinstance(node, ast.Call | ast.Subscript):
        node = node.func if isinstance(node, ast.Call) else node.value
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def dotted(node: ast.AST) -> str:
    """`a.b.c` for that expression; empty for what is not a plain dotted name."""
    if isinstance(node, ast.Attribute):
        front = dotted(node.value)
        return f"{front}.{node.attr}" if front else ""
    return node.id if isinstance(node, ast.Name) else ""


def imported_names(tree: ast.AST) -> Iterator[tuple[ast.stmt, str]]:
    """Each import as (statement, full name): `from a.b import c` gives `a.b.c`; a relative one is one of our own."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = "opsconductor." * bool(node.level) + (node.module or "")
            yield from ((node, f"{start}.{alias.name}") for alias in node.names)


def demand_none(faults: Iterable[str]) -> None:
    """Fail with every fault on a line of its own, and nothing else."""
    text = "\n".join(sorted(faults))
    if text:
        pytest.fail(text, pytrace=False)
