"""Habits the linter does not know: who reads the environment, who catches broadly, who starts a task."""

import ast
from fnmatch import fnmatchcase

import pytest

from tests.architecture.tree import (
    Function,
    Module,
    demand_none,
    dotted,
    functions,
    imported_names,
    last_name,
    modules,
    sample,
)

# Round a phase, round a job, and at the edges: the HTTP and WebSocket servers, and the command line.
BROAD_CATCH = {
    "pipeline.py": "round a phase",
    "bootstrap/engine.py": "round a job: the closing of one turn that broke off",
    "phases/p07_execute_tools/execute_tools.py": "round a job: stage E, whose outcome must not be guessed",
    "stages/e_execute/background_executor.py": "round a job",
    "worker/*": "round a job",
    "after_turn/*": "round a job of the outbox",
    "server/*": "the HTTP and WebSocket edge",
    "services/*": "the HTTP edge of a service",
    "cli/main.py": "the edge of the command line",
    "adapters/storage/sqlite/writer.py": "round a unit of work, whose error goes to whoever waits for it",
    "adapters/storage/postgresql/group_commit.py": "round a unit of work, whose error goes to whoever waits for it",
    "testing/*": "promises that see what an engine raises",
}
ENVIRONMENT = {"os.environ", "os.environb", "os.getenv", "os.getenvb", "os.putenv", "os.unsetenv"}


def reads_environment(module: Module) -> list[str]:
    """Uses of the process environment."""
    used = [(node, dotted(node)) for node in ast.walk(module.tree) if isinstance(node, ast.Attribute)]
    used += list(imported_names(module.tree))
    return [module.at(node, f"{name}: settings.py reads the environment") for node, name in used if name in ENVIRONMENT]


def is_broad(caught: ast.expr | None) -> bool:
    """`except:`, `except Exception`, `except BaseException`, also within a tuple."""
    classes = caught.elts if isinstance(caught, ast.Tuple) else [caught]
    return any(one is None or last_name(one) in {"Exception", "BaseException"} for one in classes)


def passes_on(handler: ast.ExceptHandler) -> bool:
    """The handler only tidies up: it ends by raising again."""
    return isinstance(handler.body[-1], ast.Raise)


def catches_broadly(module: Module) -> list[str]:
    """Handlers that swallow any error, and `suppress(Exception)`."""
    faults = []
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ExceptHandler) and is_broad(node.type) and not passes_on(node):
            faults.append(module.at(node, "broad except: name the class"))
        if isinstance(node, ast.Call) and last_name(node) == "suppress" and any(is_broad(part) for part in node.args):
            faults.append(module.at(node, "broad suppress: name the class"))
    return faults


def task_groups(function: Function) -> set[str]:
    """The names in a function that are task groups: made by `async with`, or given as one."""
    names = {
        arg.arg for arg in [*function.args.args, *function.args.kwonlyargs] if last_name(arg.annotation) == "TaskGroup"
    }
    for node in ast.walk(function):
        for item in node.items if isinstance(node, ast.AsyncWith) else ():
            if last_name(item.context_expr) == "TaskGroup" and isinstance(item.optional_vars, ast.Name):
                names.add(item.optional_vars.id)
    return names


def starts_bare_tasks(module: Module) -> list[str]:
    """`create_task` and `ensure_future` on anything but a task group, known by its making or its attribute's name."""
    groups = {name for function in functions(module.tree) for name in task_groups(function)}
    faults = []
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and last_name(node) in {"create_task", "ensure_future"}:
            owner = node.func.value if isinstance(node.func, ast.Attribute) else node.func
            held = isinstance(owner, ast.Attribute) and owner.attr.strip("_") in {"tasks", "task_group", "group"}
            if not held and not (isinstance(owner, ast.Name) and owner.id in groups):
                faults.append(module.at(node, "a bare task: use asyncio.TaskGroup"))
    return faults


def test_only_settings_reads_the_environment() -> None:
    demand_none(fault for module in modules() if module.path != "settings.py" for fault in reads_environment(module))


def test_broad_catches_stand_at_the_edges_only() -> None:
    inner = [m for m in modules() if not any(fnmatchcase(m.path, place) for place in BROAD_CATCH)]
    demand_none(fault for module in inner for fault in catches_broadly(module))


def test_every_task_has_a_group() -> None:
    demand_none(fault for module in modules() for fault in starts_bare_tasks(module))


@pytest.mark.parametrize(
    "text", ["import os\nx = os.environ.get('A')", "from os import getenv", "import os\nos.getenv('A')"]
)
def test_a_look_at_the_environment_is_found(text: str) -> None:
    assert reads_environment(sample(text))


@pytest.mark.parametrize(
    "text",
    [
        "try: f()\nexcept Exception: pass",
        "try: f()\nexcept: pass",
        "try: f()\nexcept (ValueError, Exception) as e: log(e)",
        "with contextlib.suppress(Exception): f()",
    ],
)
def test_a_broad_catch_is_found(text: str) -> None:
    assert catches_broadly(sample(text))


@pytest.mark.parametrize(
    "text", ["try: f()\nexcept ValueError: pass", "try: f()\nexcept BaseException:\n    undo()\n    raise"]
)
def test_a_named_catch_and_a_tidy_up_are_fine(text: str) -> None:
    assert not catches_broadly(sample(text))


@pytest.mark.parametrize(
    "text", ["asyncio.create_task(f())", "loop.create_task(f())", "asyncio.ensure_future(f())", "create_task(f())"]
)
def test_a_bare_task_is_found(text: str) -> None:
    assert starts_bare_tasks(sample(text))


@pytest.mark.parametrize(
    "text",
    [
        "async def f():\n    async with asyncio.TaskGroup() as lanes:\n        lanes.create_task(g())",
        "def f(tasks: asyncio.TaskGroup):\n    tasks.create_task(g())",
        "def f(self):\n    self._tasks.create_task(g())",
    ],
)
def test_a_task_in_a_group_is_fine(text: str) -> None:
    assert not starts_bare_tasks(sample(text))
