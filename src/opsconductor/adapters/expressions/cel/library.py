"""The one module that knows the library `cel`: text in, programs out, its errors turned into faults."""

import re
import sys
from types import ModuleType
from typing import TYPE_CHECKING

from opsconductor.adapters.expressions.cel.references import CALLS, METHODS
from opsconductor.adapters.expressions.cel.values import is_json
from opsconductor.domain.errors import BadInput
from opsconductor.domain.json_value import Json
from opsconductor.ports.expressions import Evaluation

if TYPE_CHECKING:
    from cel import Program

MAX_CHARACTERS = 4_000
_TERMINAL = "cel.cli"
_POSITION = re.compile(r"<input>:(\d+):(\d+): ?(?:Syntax error: )?([^\n]*)")
_INPUT = re.compile(r"input '(.*?)'(?: expecting|$)")
_ERRORS = (ValueError, TypeError, LookupError, ArithmeticError, RuntimeError)
_UNDEFINED = re.compile(r"Undefined variable or function: '([^']*)'")


def compiled(expression: str) -> "Program":
    """The program of `expression`. Raises `expression.invalid` with line and column."""
    if len(expression) > MAX_CHARACTERS:
        raise _invalid(expression, f"It is longer than {MAX_CHARACTERS} characters", 1, 1)
    try:
        program: Program = _cel().compile(expression)
        return program
    except _ERRORS as error:
        place = _POSITION.search(str(error))
        if place is None:
            raise _invalid(expression, "It cannot be read", 1, 1) from error
        raise _invalid(expression, _in_words(place[3]), int(place[1]), int(place[2])) from error


def executed(program: "Program", names: dict[str, object]) -> Evaluation:
    """What the program comes to with `names` (plain values); a missing name and a fault are told, not raised."""
    try:
        value: object = program.execute(names)
    except LookupError as error:
        key = error.args[0] if isinstance(error, KeyError) and error.args else ""
        if key:
            return Evaluation(value=None, missing=str(key).strip("'"))
        return Evaluation(value=None, fault=_short(error))
    except _ERRORS as error:
        undefined = _UNDEFINED.search(str(error))
        if undefined is None:
            return Evaluation(value=None, fault=_short(error))
        if undefined[1] in CALLS | METHODS:  # the library says the same of a function that does not fit its value
            return Evaluation(value=None, fault=f"{undefined[1]} cannot be used on this value")
        return Evaluation(value=None, missing=undefined[1])
    except BaseException as error:
        if type(error).__name__ == "PanicException":  # a mistake in the library itself; it is no Exception
            return Evaluation(value=None, fault="the expression library failed on it")
        raise
    if not is_json(value):
        return Evaluation(value=None, fault=f"it comes to no JSON value but to {type(value).__name__}")
    result: Json = value  # type: ignore[assignment]  # is_json has looked
    return Evaluation(value=result)


def _cel() -> ModuleType:
    """The library, imported on first use and without the terminal program that its package imports (0.15 s)."""
    loaded = sys.modules.get("cel")
    if loaded is not None:
        return loaded
    sys.modules[_TERMINAL] = ModuleType(_TERMINAL)
    try:
        import cel
    finally:
        del sys.modules[_TERMINAL]
    vars(cel).pop("cli", None)
    return cel


def _in_words(told: str) -> str:
    """What the parser told, as a person would."""
    unexpected = _INPUT.search(told)
    if unexpected is None:
        return told[:1].upper() + told[1:] or "It cannot be read"
    return "It ends too early" if unexpected[1] == "<EOF>" else f"{unexpected[1]!r} is not expected"


def _invalid(expression: str, what: str, line: int, column: int) -> BadInput:
    return BadInput(
        "expression.invalid",
        f"{what}, at line {line}, column {column} of the expression {_quoted(expression)}.",
        line=line,
        column=column,
    )


def _quoted(expression: str) -> str:
    return repr(expression if len(expression) <= 80 else expression[:77] + "...")


def _short(error: BaseException) -> str:
    return str(error).split(". ")[0].split("\n")[0][:200] or type(error).__name__
