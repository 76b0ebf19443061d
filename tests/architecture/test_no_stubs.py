"""No stub answers success (capability 100): what is not built does not exist, and doubles live in `testing` alone."""

import ast
import io
import re
import sys
import tokenize

import pytest

from tests.architecture.tree import (
    Function,
    Module,
    body_after_docstring,
    demand_none,
    dotted,
    functions,
    imported_names,
    last_name,
    modules,
    sample,
)

UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK|TBD)\b|(?i:\bnot (yet )?implemented)")
PRETENCE = re.compile(r"(^|_)(fake|dummy|mock|mocked|stub|stubbed|simulate|simulated|simulation)(_|$)")
SUCCESS = re.compile(
    r"^(true|ok|okay|yes|success|successful|succeeded|done|completed|complete|approved|allowed|passed|healthy)$", re.I
)
DOUBLES = re.compile(r"opsconductor\.testing[\w.]*")
# They change nothing: what runs only these before it answers has done nothing.
IDLE_CALLS = {"sleep", "debug", "info", "warning", "error", "log", "bind", "echo"}


def snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def says_success(value: ast.expr | None) -> bool:
    """Whether an expression contains `True`, a word of success, or a state of that name."""
    for node in ast.walk(value) if value else ():
        if isinstance(node, ast.Constant) and (node.value is True or SUCCESS.match(str(node.value))):
            return True
        if isinstance(node, ast.Attribute) and SUCCESS.match(node.attr):
            return True
    return False


def is_declaration(function: Function) -> bool:
    """Abstract methods and overloads have no body to judge."""
    return any(last_name(node) in {"abstractmethod", "overload"} for node in function.decorator_list)


def parameters(function: Function) -> set[str]:
    """The names of what a function is given, `self` and `cls` left out."""
    given = function.args
    every = [*given.posonlyargs, *given.args, *given.kwonlyargs, *filter(None, (given.vararg, given.kwarg))]
    return {one.arg for one in every} - {"self", "cls"}


def answers_success_for_nothing(function: Function) -> bool:
    """It is given something, looks at none of it, does nothing, and returns a word of success."""
    body = body_after_docstring(function.body)
    returns = [node for statement in body for node in ast.walk(statement) if isinstance(node, ast.Return)]
    read = {node.id for statement in body for node in ast.walk(statement) if isinstance(node, ast.Name)}
    answers = {id(part) for node in returns for part in ast.walk(node)}
    calls = [node for statement in body for node in ast.walk(statement) if isinstance(node, ast.Call)]
    acts = [call for call in calls if id(call) not in answers and last_name(call) not in IDLE_CALLS]
    unread = bool(parameters(function)) and not read & (parameters(function) | {"self"})
    return unread and not acts and any(says_success(node.value) for node in returns)


def does_nothing(function: Function) -> bool:
    """Its body is `pass` or `...`; a no-op that is meant says so in a docstring, promises nothing, and returns None."""
    body = body_after_docstring(function.body)
    idle = all(
        isinstance(node, ast.Pass) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
        for node in body
    )
    meant = (
        ast.get_docstring(function) and isinstance(function.returns, ast.Constant) and function.returns.value is None
    )
    return idle and not meant


def answers_to_others(module: Module) -> set[int]:
    """The methods whose form is not ours to judge: promises of a Protocol, callbacks of a library's class."""
    libraries = {name.split(".")[0] for _, name in imported_names(module.tree)} - {
        "opsconductor",
        *sys.stdlib_module_names,
    }
    found = set()
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ClassDef):
            bases = {dotted(base).split(".")[0] for base in node.bases if isinstance(base, ast.Attribute)}
            if bases & libraries or "Protocol" in map(last_name, node.bases):
                found |= {id(part) for part in ast.walk(node)}
    return found


def stubs(module: Module) -> list[str]:
    """Functions that pretend, and names that do."""
    faults = []
    others = answers_to_others(module)
    for function in functions(module.tree):
        if id(function) in others or is_declaration(function):
            continue
        if does_nothing(function):
            faults.append(module.at(function, f"{function.name} does nothing"))
        # By definition the liveness answer says only that the process answers.
        elif function.name != "healthz" and answers_success_for_nothing(function):
            faults.append(module.at(function, f"{function.name} answers success and does nothing"))
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Raise) and last_name(node.exc) == "NotImplementedError":
            faults.append(module.at(node, "NotImplementedError"))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and PRETENCE.search(
            snake(node.name)
        ):
            faults.append(module.at(node, f"{node.name} names a pretence"))
    return faults + ([f"{module.path}: its name is a pretence"] if PRETENCE.search(module.stem) else [])


def unfinished(module: Module) -> list[str]:
    """Comments and texts that say the code is not finished."""
    found = []
    for token in tokenize.generate_tokens(io.StringIO(module.text).readline):
        if token.type in {tokenize.COMMENT, tokenize.STRING} and (match := UNFINISHED.search(token.string)):
            found.append(f"{module.path}:{token.start[0]}: {match[0]}")
    return found


def names_its_doubles(module: Module) -> list[str]:
    """Texts that name the package of doubles, to import it past the import contract."""
    texts = (node for node in ast.walk(module.tree) if isinstance(node, ast.Constant) and isinstance(node.value, str))
    return [module.at(node, "names the doubles") for node in texts if DOUBLES.fullmatch(str(node.value))]


def shipped() -> list[Module]:
    return [module for module in modules() if module.top != "testing"]


def test_no_function_pretends() -> None:
    demand_none(fault for module in shipped() for fault in stubs(module))


def test_nothing_says_of_itself_that_it_is_unfinished() -> None:
    demand_none(fault for module in modules() for fault in unfinished(module))


def test_no_text_names_the_doubles() -> None:
    demand_none(fault for module in shipped() for fault in names_its_doubles(module))


@pytest.mark.parametrize(
    "text",
    [
        "def restart(host):\n    return True",
        "def restart(self, host):\n    '''Restart it.'''\n    return {'success': True}",
        "async def run(step):\n    await asyncio.sleep(0.1)\n    return StepResult(status='succeeded')",
        "async def run(step):\n    log.info('running')\n    return StepResult(status=StepStatus.SUCCEEDED)",
        "def run(*steps):\n    return 'ok'",
        "def run(step):\n    pass",
        "def run(step) -> bool:\n    '''Run it.'''",
        "def run(step):\n    raise NotImplementedError",
        "class FakeConnector:\n    x = 1",
        "def simulate_restart(host):\n    return host.x()",
    ],
)
def test_a_stub_is_found(text: str) -> None:
    assert stubs(sample(text))


@pytest.mark.parametrize(
    "text",
    [
        "def restart(host):\n    return host.restart()",
        "def supports(tool):\n    return False",
        "def check(value):\n    if value:\n        raise Fault\n    return True",
        "def commit(self, row):\n    self.rows.insert(row)\n    return True",
        "def reached(self, name) -> None:\n    '''Nothing: failpoints act in tests only.'''",
        "def is_change(self):\n    return True",
        "class Clock(Protocol):\n    def now(self): ...",
        "import asyncssh\nclass Host(asyncssh.SSHServer):\n    def begin_auth(self, username):\n        return True",
        "@overload\ndef f(x: int) -> int: ...",
    ],
)
def test_what_works_is_no_stub(text: str) -> None:
    assert not stubs(sample(text))


def test_unfinished_words_and_named_doubles_are_found() -> None:
    assert unfinished(sample("x = 1  # TO" + "DO later"))
    assert not unfinished(sample("x = 'todos los hosts'"))
    assert names_its_doubles(sample("import_module('opsconductor.testing.doubles')"))
