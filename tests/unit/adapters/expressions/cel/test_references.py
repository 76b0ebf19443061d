"""Names, paths and weight are read off an expression as its text has them."""

import pytest

from opsconductor.adapters.expressions.cel.library import compiled
from opsconductor.adapters.expressions.cel.references import read_references


@pytest.mark.parametrize(
    ("expression", "paths"),
    [
        ("a", ("a",)),
        ("a.b.c == d.e", ("a.b.c", "d.e")),
        ("a['b'].c", ("a.b.c",)),
        ("a['b c'].d", ("a",)),
        ("a[0].b", ("a",)),
        ("a[b].c", ("a", "b")),
        ("size(a.b) > 0 && a.b.size() > 0", ("a.b",)),
        ("a.b.startsWith(c)", ("a.b", "c")),
        ("'a.b' == c // d.e\n && f", ("c", "f")),
        ("r'\\d' == a || b'x' == b || '''q'w''' == c", ("a", "b", "c")),
        ("{'k': a, b: 1}", ("a", "b")),
        ("a ? b : -c", ("a", "b", "c")),
        ("1.5e3 > a && 0x1F < b && 2u == c", ("a", "b", "c")),
        ("true && null == a && !false && 1 in b", ("a", "b")),
        ("has(a.b.c)", ("a.b.c",)),
        ("l.all(x, x.p == q)", ("l", "l[].p", "q")),
        ("l.exists(x, x.m.exists(y, y.n == x.o))", ("l", "l[].m", "l[].m[].n", "l[].o")),
        ("l.all(x, x > 0) && x.y", ("l", "l[]", "x.y")),
        ("[a].filter(x, x.p)", ("a",)),
        ("l.filter(x, x.p).map(y, y.q)", ("l", "l[].p")),
        ("a.map", ("a.map",)),
    ],
)
def test_paths(expression: str, paths: tuple[str, ...]) -> None:
    compiled(expression)
    assert read_references(expression).paths == paths


def test_what_has_asks_about_is_not_required_nor_is_anything_below_it() -> None:
    references = read_references("has(a.b) && a.b.c == 1 && a.bc == 2 && l.all(x, x.y) && a['b']")
    assert references.required == (("a", "bc"),)


def test_what_is_looked_at_holds_everything_that_is_read_once() -> None:
    references = read_references("has(a.b) && a.b.c == 1 && a.bc == 2 && l.m.all(x, x.y) && n == 1 && n.o == 2")
    assert references.looked_at == (("a", "b"), ("a", "bc"), ("l", "m"), ("n",))


def test_calls_comprehensions_and_sums_are_counted() -> None:
    references = read_references("l.all(x, l.map(y, x + y).size() + 1 > size(l)) && f(1) && a.g()")
    assert (references.depth, references.collecting) == (2, 1)
    assert references.sums == 2
    assert references.bound == {"x", "y"}
    assert set(references.calls) == {
        ("all", True),
        ("map", True),
        ("size", True),
        ("size", False),
        ("f", False),
        ("g", True),
    }


@pytest.mark.parametrize(
    ("expression", "costly"),
    [
        ("a.matches('^[a-z]+$')", False),
        ("a.matches('[a-z]{9}')", True),
        ("a.matches(b)", True),
        ("a.matches('a' + b)", True),
        (f"a.matches('{'a?' * 150}')", True),
    ],
)
def test_a_pattern_whose_cost_is_not_plain_is_marked(expression: str, costly: bool) -> None:
    assert read_references(expression).costly_pattern is costly


def test_patterns_inside_a_comprehension_are_told_apart() -> None:
    references = read_references("a.matches('xx') && l.all(x, x.matches('yyyy'))")
    assert (references.patterns, references.looped_patterns) == (10, 6)
