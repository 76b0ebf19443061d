"""The library's answers and errors, as ours."""

import subprocess
import sys

import pytest

from opsconductor.adapters.expressions.cel.library import MAX_CHARACTERS, compiled, executed
from opsconductor.domain.errors import BadInput


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("a ==", "It ends too early, at line 1, column 5 of the expression 'a =='."),
        ("a\n  b", "'b' is not expected, at line 2, column 3"),
        ("a.b()\n.?c", "at line 2, column 1"),
        ("99999999999999999999", "at line 1, column 1"),
        ("'a", "at line 1"),
        ("(" * 200 + "1" + ")" * 200, "at line 1"),
        (" " * MAX_CHARACTERS + "1", f"longer than {MAX_CHARACTERS}"),
    ],
)
def test_what_does_not_parse_is_refused_in_plain_words(expression: str, message: str) -> None:
    with pytest.raises(BadInput) as refused:
        compiled(expression)
    assert refused.value.code == "expression.invalid"
    assert message in refused.value.message
    assert "\n" not in refused.value.message
    assert isinstance(refused.value.facts["line"], int)


@pytest.mark.parametrize(
    ("expression", "fault"),
    [
        ("1/0", "division by zero"),
        ("9223372036854775807 + 1", "overflow"),
        ("[1][5]", "out of bounds"),
        ("int('x')", "int"),
        ("'a'.matches('(')", "matches"),
        ("'a' < 1", "overload"),
        ("Foo{a: 1}", "struct"),
        ("timestamp('2026-01-01T00:00:00Z')", "no JSON value but to datetime"),
        ("duration('1h')", "no JSON value but to timedelta"),
        ("b'x'", "no JSON value but to bytes"),
        ("size(1)", "size cannot be used"),
    ],
)
def test_what_breaks_is_a_fault(expression: str, fault: str) -> None:
    evaluation = executed(compiled(expression), {})
    assert evaluation.value is None
    assert fault in evaluation.fault
    assert "\n" not in evaluation.fault


def test_a_missing_key_and_a_missing_name_are_missing() -> None:
    assert executed(compiled("a['b c']"), {"a": {}}).missing == "b c"
    assert executed(compiled("a"), {}).missing == "a"


def test_the_librarys_terminal_program_is_never_imported() -> None:
    script = (
        "import sys\n"
        "from opsconductor.adapters.expressions.cel import open_expressions\n"
        "engine = open_expressions()\n"
        "assert 'cel' not in sys.modules\n"
        "engine.check('1 == 1', frozenset())\n"
        "assert 'cel' in sys.modules and 'prompt_toolkit' not in sys.modules and 'cel.cli' not in sys.modules\n"
        "import cel.cli\n"
        "assert cel.cli.main\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, timeout=30)
