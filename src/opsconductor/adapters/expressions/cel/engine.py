"""The Expressions engine: checks at load, evaluates at use, and never takes longer than it may.

The library holds the interpreter while it works and knows no limit: a time-out beside it in a thread could not fire.
The limit is kept in two ways. An expression has no loops but comprehensions, and each runs at most once over every
value it can reach; tokens x (weight of its names + tokens) ^ (1 + depth of comprehensions + those that build lists)
therefore bounds its steps (sums, which copy, and patterns count extra). Up to INLINE_STEPS it runs here: a step takes
at most 2.5 ns in the worst shapes found, so at most half of the limit, and a test measures them. Anything dearer runs
in a process of its own, which is killed when its time is up.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

from opsconductor.adapters.expressions.cel.library import compiled, executed
from opsconductor.adapters.expressions.cel.references import CALLS, METHODS, References, read_references
from opsconductor.adapters.expressions.cel.side_process import evaluate_beside
from opsconductor.adapters.expressions.cel.values import UnfitError, plain_names
from opsconductor.domain.errors import BadInput
from opsconductor.domain.json_value import Json
from opsconductor.ports.expressions import Evaluation

if TYPE_CHECKING:
    from cel import Program

LIMIT_S = 0.25
INLINE_STEPS = 50_000_000
_SUM_STEPS = 10  # a sum of lists copies both
_PATTERN_STEPS = 45_000  # to compile one character of a pattern, at worst
_PROGRAMS = 1_024


class CelExpressions:
    """Expressions over CEL; keeps the programs it compiled."""

    def __init__(self, limit_s: float = LIMIT_S) -> None:
        """`limit_s` bounds one evaluation."""
        self._limit_s = limit_s
        self._program = lru_cache(maxsize=_PROGRAMS)(_read)

    async def evaluate(self, expression: str, names: Mapping[str, Json]) -> Evaluation:
        """See the port. A path below a name must be there too, unless the expression asks `has()` about it."""
        done, values = self._cheap(expression, names)
        return done if done is not None else await evaluate_beside(expression, values, self._limit_s)

    def attempt(self, expression: str, names: Mapping[str, Json]) -> Evaluation | None:
        """See the port."""
        return self._cheap(expression, names)[0]

    def _cheap(self, expression: str, names: Mapping[str, Json]) -> tuple[Evaluation | None, dict[str, object]]:
        """What it comes to, when that is known at once; else None and the values to evaluate it with."""
        try:
            program, references = self._program(expression)
        except BadInput as error:
            return Evaluation(value=None, fault=error.message), {}
        missing = _missing(references, names)
        if missing:
            return Evaluation(value=None, missing=missing), {}
        try:
            values, weight = plain_names(names, references.looked_at)
        except UnfitError as error:
            return Evaluation(value=None, fault=str(error)), {}
        return executed(program, values) if steps_at_most(references, weight) <= INLINE_STEPS else None, values

    def check(self, expression: str, names: frozenset[str]) -> None:
        """See the port; functions that do not exist are refused too."""
        _, references = self._program(expression)
        for name in references.names:
            if name not in names:
                raise BadInput(
                    "expression.invalid",
                    f"The name {name} is not known here; known are: {', '.join(sorted(names)) or 'none'}.",
                    name=name,
                )
        for call, method in references.calls:
            if call not in (METHODS if method else CALLS):
                raise BadInput("expression.invalid", f"There is no function {call} in expressions.", name=call)

    def paths(self, expression: str) -> tuple[str, ...]:
        """See the port."""
        return self._program(expression)[1].paths


def open_expressions() -> CelExpressions:
    """The engine; the library is imported with the first expression."""
    return CelExpressions()


def steps_at_most(references: References, weight: int) -> int:
    """A bound for the steps an evaluation takes when its names weigh `weight`."""
    if references.costly_pattern:
        return INLINE_STEPS + 1
    reach = weight + references.size
    loops = int(reach ** (references.depth + references.collecting))
    once = references.patterns - references.looped_patterns
    patterns = _PATTERN_STEPS * (once + references.looped_patterns * loops)
    return references.size * (1 + _SUM_STEPS * references.sums) * reach * loops + patterns


def _read(expression: str) -> tuple["Program", References]:
    program = compiled(expression)
    references = read_references(expression)
    told = set(program.variables())
    if not set(references.names) <= told or not told <= set(references.names) | references.bound:
        raise BadInput("expression.invalid", "The names of this expression cannot be told; write it more simply.")
    return program, references


def _missing(references: References, names: Mapping[str, Json]) -> str:
    """The first name or path that is not there, or ""."""
    for name in references.names:
        if name not in names:
            return name
    for parts in references.required:
        value: Json = names
        for index, part in enumerate(parts):
            if not isinstance(value, (dict, Mapping)):  # dict first: the abstract class is slow to say yes
                break
            if part not in value:
                return ".".join(parts[: index + 1])
            value = value[part]
    return ""
