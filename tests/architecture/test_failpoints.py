"""The list of dangerous places and the code that reaches them say the same, so that no crash test misses one."""

import ast
from collections import Counter
from collections.abc import Iterator

from opsconductor.ports.failpoints import PLACES
from tests.architecture.tree import Module, demand_none, last_name, modules, sample


def names_hit(module: Module) -> Iterator[tuple[str, ast.AST]]:
    """Each name that a call of `hit` may pass; "" for an argument that is none of the names themselves."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "hit":
            argument = node.args[0] if node.args else ast.Constant("")
            choices = (argument.body, argument.orelse) if isinstance(argument, ast.IfExp) else (argument,)
            for choice in choices:
                is_text = isinstance(choice, ast.Constant) and isinstance(choice.value, str)
                yield (str(choice.value) if is_text else ""), node  # type: ignore[attr-defined]


def unlisted(module: Module) -> list[str]:
    return [
        module.at(node, f"{last_name(node)}({name!r}) is no place of ports/failpoints.py")
        for name, node in names_hit(module)
        if name not in PLACES
    ]


def test_every_place_that_is_reached_is_listed() -> None:
    demand_none(fault for module in modules() if module.top != "testing" for fault in unlisted(module))


def test_every_place_that_is_listed_is_reached() -> None:
    reached = Counter(name for module in modules() if module.top != "testing" for name, _ in names_hit(module))
    assert [name for name in PLACES if not reached[name]] == []
    assert len(set(PLACES)) == len(PLACES)


def test_a_place_that_is_not_listed_is_found() -> None:
    assert unlisted(sample("await self.failpoints.hit('step.nowhere')")) != []
    assert unlisted(sample("await self.failpoints.hit(name)")) != []
    assert unlisted(sample("await self.failpoints.hit('undo.after_intent' if undoing else 'step.after_intent')")) == []
