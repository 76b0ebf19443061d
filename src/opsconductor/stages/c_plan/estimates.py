"""How long a step takes on all of its targets, by the tool's own figure or expression. No figure, no plan."""

from collections.abc import Mapping
from math import ceil, isfinite

from opsconductor.domain.catalogue import Catalogue, Tool
from opsconductor.domain.errors import BadInput
from opsconductor.domain.json_value import Json
from opsconductor.ports.expressions import Expressions
from opsconductor.stages.c_plan.rollout import batch_of, canary_of, concurrency_of, parts

LONGEST_S = 1_000_000
"""An estimate beyond it is a mistake of the expression."""


async def estimate_ms(
    expressions: Expressions, catalogue: Catalogue, tool: Tool, inputs: Mapping[str, Json], targets: int
) -> int:
    """Milliseconds for all targets when nothing fails: each part in rounds, and its verification after it.

    Raises `plan.invalid` when an expression cannot be evaluated, or comes to no number of seconds from 0 on.
    """
    sizes = parts(targets, canary_of(tool, targets), batch_of(tool, targets))
    own = [targets] if tool.estimate else sizes
    total = sum([await _work_ms(expressions, tool, inputs, size) for size in own])
    verify = catalogue.tools.get(tool.verify)
    if verify is None or not targets:
        return total
    return total + sum([await _work_ms(expressions, verify, inputs, size) for size in sizes])


async def _work_ms(expressions: Expressions, tool: Tool, inputs: Mapping[str, Json], targets: int) -> int:
    if not tool.estimate:
        return ceil(targets / concurrency_of(tool)) * round(tool.estimate_s * 1000)
    given = {name: value for name, value in inputs.items() if name != tool.targets_input}
    evaluation = await expressions.evaluate(tool.estimate, {"input": given, "targets": targets})
    seconds = evaluation.value
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        why = f"{evaluation.missing} is not known" if evaluation.missing else evaluation.fault or "it is no number"
        raise BadInput("plan.invalid", f"How long {tool.name} takes cannot be told: {why}.")
    if not isfinite(seconds) or not 0 <= seconds <= LONGEST_S:
        raise BadInput(
            "plan.invalid", f"How long {tool.name} takes cannot be told: {seconds:g} is no number of seconds."
        )
    return round(seconds * 1000)
