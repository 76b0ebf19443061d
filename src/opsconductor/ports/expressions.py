"""Expressions that packs write: preconditions, success criteria, rule conditions, enforcement."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from opsconductor.domain.json_value import Json


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """What an expression came to. `value` is None when it could not be evaluated."""

    value: Json
    missing: str = ""  # the undefined name, when that is why
    fault: str = ""  # any other reason

    @property
    def holds(self) -> bool:
        """True only for a boolean true: anything undefined or broken does not hold."""
        return self.value is True


class Expressions(Protocol):
    """A side-effect-free expression language (CEL)."""

    async def evaluate(self, expression: str, names: Mapping[str, Json]) -> Evaluation:
        """Evaluate with `names`; never raises for what the expression does; bounded in time (0.25 s)."""
        ...

    def attempt(self, expression: str, names: Mapping[str, Json]) -> Evaluation | None:
        """The same without waiting; None for an expression that is too costly to be tried so."""
        ...

    def check(self, expression: str, names: frozenset[str]) -> None:
        """Raise `expression.invalid` unless it parses and uses only top-level `names`."""
        ...

    def paths(self, expression: str) -> tuple[str, ...]:
        """The paths an expression reads, in its order: `input.service`, `targets[].environment` for list elements.

        A path begins with a top-level name; raises `expression.invalid` when the expression does not parse.
        """
        ...
