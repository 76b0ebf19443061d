"""Every error carries a known code, and every code raised in the source stands in the table."""

import re
from pathlib import Path

import pytest

import opsconductor
from opsconductor.domain.error_codes import CODES
from opsconductor.domain.errors import BadInput, OpsConductorError, bare

SOURCE = Path(opsconductor.__file__).parent
AREAS = {code.split(".")[0] for code in CODES}
LITERAL = re.compile(r'"((?:' + "|".join(sorted(AREAS)) + r')\.[a-z_]+)"')
RAISED = re.compile(r'(?:BadInput|Refused|NotFound|Conflict|Unavailable|InternalFault)\(\s*"([^"]+)"')


def test_an_error_knows_what_to_try_next() -> None:
    error = BadInput("request.empty", "The request is empty.", field="text")
    assert error.next_step == CODES["request.empty"].next_step
    assert error.facts == {"field": "text"}
    assert str(error) == "The request is empty."


def test_an_unknown_code_cannot_be_raised() -> None:
    with pytest.raises(KeyError):
        OpsConductorError("nobody.knows", "x")


def test_every_code_that_is_raised_stands_in_the_table() -> None:
    raised = {code for path in SOURCE.rglob("*.py") for code in RAISED.findall(path.read_text("utf-8"))}
    assert raised
    assert raised <= set(CODES)


def test_every_code_has_a_status_an_exit_and_a_next_step() -> None:
    for code, spec in CODES.items():
        assert re.fullmatch(r"[a-z]+\.[a-z_]+", code), code
        assert 400 <= spec.status <= 599, code
        assert spec.exit in {1, 2, 5, 6, 7}, code
        assert spec.next_step.endswith((".", "?", "help", "list", "doctor", "check")) or ": " in spec.next_step, code


def test_what_a_task_group_wraps_comes_out_bare() -> None:
    ours, other = BadInput("request.empty", "x"), ValueError("y")
    assert bare(ExceptionGroup("g", [ExceptionGroup("h", [other])])) is other
    assert bare(ExceptionGroup("g", [other, ours])) is ours
    both = ExceptionGroup("g", [other, KeyError("z")])
    assert bare(both) is both
