"""Where an expression runs is decided by what it can cost, and what runs in place stays far within the limit."""

import time

import pytest

from opsconductor.adapters.expressions.cel import engine as module
from opsconductor.adapters.expressions.cel.engine import (
    INLINE_STEPS,
    LIMIT_S,
    CelExpressions,
    open_expressions,
    steps_at_most,
)
from opsconductor.adapters.expressions.cel.library import compiled, executed
from opsconductor.adapters.expressions.cel.references import read_references
from opsconductor.adapters.expressions.cel.values import plain_names
from opsconductor.domain.json_value import Json
from opsconductor.ports.expressions import Evaluation

DEAREST = (
    "l + l + l + l + l + l + l == l",
    "l.all(a, a in l && a in l && l == l)",
    "l.map(a, l + l).size() > 0",
    "[1, 2, 3, 4].map(a, l + l + l + l).size() > 0",
    "l.all(a, l.all(b, a in l))",
    "l.all(a, l.all(b, a + b >= 0))",
    "l.filter(a, l == l).size() > 0",
    "l.map(a, a).all(b, b in l)",
    "l.all(a, s.contains('aaaaaaab') || true)",
    "l.map(a, s + s).size() > 0",
    "s.matches('" + r"\\w" * 49 + "')",
    "l.all(a, s.matches('(a|aa)*b') || true)",
)
NEVER_IN_PLACE = (
    "[l].map(x, x + x + x + x)[0].all(y, y in l)",
    "l.map(a, l.map(b, l + l)).size() > 0",
    "l.map(a, a).map(b, b).size() > 0",
    "l.all(a, l.all(b, l.all(c, a + b + c >= 0)))",
    "s.matches(s)",
    "s.matches('(a{99}){99}')",
)


@pytest.mark.parametrize("expression", NEVER_IN_PLACE)
def test_what_multiplies_never_runs_in_place(expression: str) -> None:
    assert steps_at_most(read_references(expression), 40) > INLINE_STEPS


@pytest.mark.parametrize("expression", DEAREST)
def test_what_may_run_in_place_takes_at_most_half_of_the_limit(expression: str) -> None:
    program, references = compiled(expression), read_references(expression)
    length, largest = 1, None
    while length < 60_000:
        values: dict[str, Json] = {"l": list(range(length)), "s": "a" * 8 * length}
        names, weight = plain_names(values, references.looked_at)
        if steps_at_most(references, weight) > INLINE_STEPS:
            break
        largest = names
        length = length * 5 // 4 + 1
    assert largest is not None
    started = time.thread_time()
    executed(program, largest)
    assert time.thread_time() - started < LIMIT_S / 2


async def test_only_what_may_be_dear_goes_to_the_process_beside(monkeypatch: pytest.MonkeyPatch) -> None:
    beside: list[str] = []

    async def note(expression: str, names: dict[str, object], limit_s: float) -> Evaluation:
        beside.append(expression)
        return Evaluation(value=True)

    monkeypatch.setattr(module, "evaluate_beside", note)
    engine = open_expressions()
    words: list[Json] = ["please", "delete", "the", "database"] * 100
    await engine.evaluate("words.exists(w, w in ['delete', 'drop']) && words.size() > 3", {"words": words})
    await engine.evaluate("text.matches('[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+')", {"text": "x" * 16_000})
    assert beside == []
    await engine.evaluate("words.exists(w, words.exists(v, words.exists(u, u == w + v)))", {"words": words})
    await engine.evaluate("text.matches(text)", {"text": "x"})
    assert len(beside) == 2


async def test_the_limit_is_the_engines() -> None:
    names: dict[str, Json] = {"l": list(range(300))}
    evaluation = await CelExpressions(limit_s=0.05).evaluate("l.all(a, l.all(b, l.all(c, l.all(d, true))))", names)
    assert evaluation.fault == "it took longer than 0.05 s"


async def test_only_the_names_an_expression_uses_are_looked_at() -> None:
    assert (await open_expressions().evaluate("a == 1", {"a": 1, "b": object()})).holds  # type: ignore[dict-item]


async def test_no_name_is_told_apart_from_its_mistaken_reading() -> None:
    evaluation = await open_expressions().evaluate(".a == 1", {"a": 1})
    assert evaluation.fault == "The names of this expression cannot be told; write it more simply."
