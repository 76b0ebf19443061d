"""What every engine of the expressions port promises; `PROMISES` holds one check each."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping

from opsconductor.domain.errors import BadInput
from opsconductor.domain.json_value import Json
from opsconductor.ports.expressions import Expressions

_NAMES: Mapping[str, Json] = {
    "output": {"pid": 42, "answers": True, "version": None, "tags": ["a", "b"]},
    "targets": [{"name": "app-01", "environment": "staging"}, {"name": "db-01", "environment": "production"}],
    "channel": "email",
}
_BROKEN = (
    "1 / 0 == 1",
    "output.pid + 'x' == 'y'",
    "output.tags[9] == 'a'",
    "output.version > 1",
    "size(output.pid) > 0",
)
_UNREADABLE = ("", "output.pid ==", "a b", "(((", "output..pid", "'open", "\x00", "\ud800")
_DEAR = "size([l].map(a, l.map(b, l.filter(c, l.exists(d, l.exists(e, d + e < 0))))) ) > 9"


def _refused(expressions: Expressions, expression: str, names: frozenset[str]) -> BadInput:
    try:
        expressions.check(expression, names)
    except BadInput as refusal:
        return refusal
    raise AssertionError(f"taken: {expression}")


async def holds_only_for_a_boolean_true(expressions: Expressions) -> None:
    """Numbers, texts and lists are values, and none of them holds."""
    for expression, value in (("true", True), ("output.pid", 42), ("channel", "email"), ("output.tags", ["a", "b"])):
        evaluation = await expressions.evaluate(expression, _NAMES)
        assert evaluation.value == value, expression
        assert (evaluation.missing, evaluation.fault) == ("", "")
        assert evaluation.holds is (value is True)
    assert (await expressions.evaluate("output.version", _NAMES)).value is None


async def names_what_is_missing(expressions: Expressions) -> None:
    """An undefined name or field anywhere, also where another branch would decide, is named and does not hold."""
    for expression, missing in (
        ("nothing == 1", "nothing"),
        ("true || nothing", "nothing"),
        ("output.nothing == 1", "output.nothing"),
        ("output.answers || output.nothing", "output.nothing"),
        ("targets.exists(t, t.name == nothing)", "nothing"),
    ):
        evaluation = await expressions.evaluate(expression, _NAMES)
        assert (evaluation.value, evaluation.missing, evaluation.fault) == (None, missing, ""), expression
        assert not evaluation.holds
    inside = await expressions.evaluate("targets.exists(t, t.nothing == 1)", _NAMES)
    assert inside.missing.endswith("nothing")
    assert not inside.holds


async def lets_an_expression_ask_whether_a_field_is_there(expressions: Expressions) -> None:
    """`has(a.b)` makes the absence of that field an ordinary answer."""
    assert (await expressions.evaluate("has(output.nothing) && output.nothing == 1", _NAMES)).value is False
    assert (await expressions.evaluate("!has(output.nothing) || output.nothing == 1", _NAMES)).holds
    assert (await expressions.evaluate("has(output.pid) && output.pid == 42", _NAMES)).holds


async def tells_a_fault_and_never_raises(expressions: Expressions) -> None:
    """What breaks while it runs, and what cannot be read at all, is a fault that does not hold."""
    for expression in (*_BROKEN, *_UNREADABLE):
        evaluation = await expressions.evaluate(expression, _NAMES)
        assert evaluation.value is None, expression
        assert evaluation.fault, expression
        assert not evaluation.holds


async def takes_any_json_as_names(expressions: Expressions) -> None:
    """Values that it cannot hold exactly are a fault, never a wrong answer or the end of the process."""
    deep: Json = "x"
    for _ in range(100_000):
        deep = [deep]
    for value in (2**63, -(2**70), float("nan"), float("inf"), deep, "x" * 50_000_000, "\ud800"):
        evaluation = await expressions.evaluate("value == 1 || value != 1", {"value": value})
        assert evaluation.value is None
        assert evaluation.fault
    assert (await expressions.evaluate("value == 2", {"value": 2, "unused": deep})).holds


async def ends_in_time(expressions: Expressions) -> None:
    """An expression that would run for minutes is a fault within the limit, and the event loop stays free."""
    ticks = 0
    async with asyncio.TaskGroup() as group:
        started = time.monotonic()
        work = group.create_task(expressions.evaluate(_DEAR, {"l": list(range(200))}))
        while not work.done():
            ticks += 1
            await asyncio.sleep(0.005)
    assert work.result().fault
    assert time.monotonic() - started < 10
    assert ticks > 5


async def refuses_what_does_not_parse_with_its_place(expressions: Expressions) -> None:
    """The refusal carries line and column."""
    for expression in _UNREADABLE:
        assert _refused(expressions, expression, frozenset()).code == "expression.invalid"
    refusal = _refused(expressions, "output.pid == 1 &&\n  && true", frozenset({"output"}))
    assert (refusal.facts["line"], refusal.facts["column"]) == (2, 3)


async def refuses_names_that_are_not_declared(expressions: Expressions) -> None:
    """Top-level names only; what a comprehension binds is no such name outside of it."""
    known = frozenset({"output", "targets"})
    expressions.check("output.pid > 0 && targets.all(t, t.name != '' && size(output.tags) > 0)", known)
    for expression in (
        "outputs.pid > 0",
        "targets.all(t, t.name != '') && t.name == ''",
        "now() > 0",
        "output.pid.abs() > 0",
    ):
        assert _refused(expressions, expression, known).code == "expression.invalid"


async def tells_the_paths_that_are_read(expressions: Expressions) -> None:
    """In order, once each, elements of lists marked."""
    read = expressions.paths(
        "output.pid > 0 && targets.exists(t, t.name == input.host) && output['answers'] && channel == 'x.y'"
    )
    assert read == ("output.pid", "targets", "targets[].name", "input.host", "output.answers", "channel")


async def tries_at_once_what_is_not_costly(engine: Expressions) -> None:
    """An attempt says what an evaluation says; one that would take long is not made."""
    for expression in ("size(output.tags) + 40", "output.version == 'x'", "no_such > 1", *_BROKEN):
        attempted = engine.attempt(expression, _NAMES)
        assert attempted == await engine.evaluate(expression, _NAMES), expression
    loops = "x.all(a, x.all(b, x.all(c, x.all(d, x.all(e, x.all(f, a + b + c + d + e + f >= 0))))))"
    assert engine.attempt(loops, {"x": list(range(100))}) is None


PROMISES: tuple[Callable[[Expressions], Awaitable[None]], ...] = (
    holds_only_for_a_boolean_true,
    names_what_is_missing,
    lets_an_expression_ask_whether_a_field_is_there,
    tells_a_fault_and_never_raises,
    takes_any_json_as_names,
    ends_in_time,
    refuses_what_does_not_parse_with_its_place,
    refuses_names_that_are_not_declared,
    tells_the_paths_that_are_read,
    tries_at_once_what_is_not_costly,
)
