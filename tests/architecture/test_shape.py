"""Rooms stay small: the size of a module and of a function, and no work in a module's body."""

import ast

import pytest

from tests.architecture.tree import Module, demand_none, functions, last_name, modules, sample

MODULE_LINES = 400
FUNCTION_LINES = 60
DEFINITIONS = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
CONTAINERS = {"dict", "list", "set", "defaultdict", "OrderedDict", "deque", "WeakValueDictionary", "WeakKeyDictionary"}
CHOICES = {"TYPE_CHECKING", "typing.TYPE_CHECKING", "sys.platform", "sys.version_info"}


def too_long(module: Module) -> list[str]:
    """The module and the functions that are longer than a reader holds at once."""
    lines = module.text.count("\n")
    faults = [f"{module.path}: {lines} lines, at most {MODULE_LINES}"] if lines > MODULE_LINES else []
    for function in functions(module.tree):
        length = (function.end_lineno or 0) - function.lineno + 1
        if length > FUNCTION_LINES:
            faults.append(module.at(function, f"{function.name} has {length} lines, at most {FUNCTION_LINES}"))
    return faults


def is_empty_container(value: ast.expr | None) -> bool:
    """`{}`, `[]`, `set()`, `defaultdict(list)`: at module level that is state which something fills later."""
    if isinstance(value, ast.Dict):
        return not value.keys
    if isinstance(value, ast.List):
        return not value.elts
    filled = isinstance(value, ast.Call) and any(not isinstance(part, ast.Name) for part in value.args)
    return isinstance(value, ast.Call) and last_name(value) in CONTAINERS and not filled


def work(node: ast.stmt) -> str:
    """What a statement in a module's body does beside defining; empty when it only defines."""
    if isinstance(node, ast.Assign | ast.AnnAssign):
        return "an empty container that something fills later" if is_empty_container(node.value) else ""
    if isinstance(node, DEFINITIONS) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
        return ""
    if isinstance(node, ast.If):
        if ast.unparse(node.test) == "__name__ == '__main__'":
            return ""
        if CHOICES & {ast.unparse(part) for part in ast.walk(node.test)}:
            return "".join(work(part) for part in [*node.body, *node.orelse])
    return f"{type(node).__name__} statement"


def works_at_import(module: Module) -> list[str]:
    """Statements of a module's body that do more than define."""
    return [module.at(node, f"work at import: {what}") for node in module.tree.body if (what := work(node))]


def test_modules_and_functions_stay_small() -> None:
    demand_none(fault for module in modules() for fault in too_long(module))


def test_module_bodies_hold_definitions_only() -> None:
    demand_none(fault for module in modules() for fault in works_at_import(module))


def test_every_module_says_why_it_exists() -> None:
    assert [module.path for module in modules() if not ast.get_docstring(module.tree)] == []


def test_a_long_module_and_a_long_function_are_found() -> None:
    assert too_long(sample("x = 1\n" * (MODULE_LINES + 1)))
    assert too_long(sample("def f():\n" + "    x = 1\n" * FUNCTION_LINES))
    assert not too_long(sample("def f():\n" + "    x = 1\n" * (FUNCTION_LINES - 1)))


@pytest.mark.parametrize(
    "text",
    [
        "REGISTRY = {}",
        "seen: list[str] = []",
        "seen = set()",
        "connect()",
        "for x in y: pass",
        "with open(x): pass",
        "if x: y = 1",
    ],
)
def test_work_in_a_module_body_is_found(text: str) -> None:
    assert works_at_import(sample(text))


@pytest.mark.parametrize(
    "text", ["LIMIT = 3", "TABLE = {'a': 1}", "NONE: tuple[str, ...] = ()", "if TYPE_CHECKING:\n    import a"]
)
def test_definitions_are_not_work(text: str) -> None:
    assert not works_at_import(sample(text))
