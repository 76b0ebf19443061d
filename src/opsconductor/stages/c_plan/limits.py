"""Time-outs by class, from the table beside this module."""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from opsconductor.domain.catalogue import Catalogue
from opsconductor.domain.errors import BadInput
from opsconductor.domain.plan import PlanStep


@cache
def _table() -> Mapping[str, Any]:
    table: Mapping[str, Any] = json.loads(
        files("opsconductor.stages.c_plan").joinpath("limits.json").read_text("utf-8")
    )
    return table


def step_timeout_s(timeout_class: str) -> float:
    """Seconds one step may take on one target. Raises `plan.invalid` for an unknown class."""
    if timeout_class not in _table():
        raise BadInput("plan.invalid", f"There is no time-out class {timeout_class!r}.")
    return float(_table()[timeout_class][0])


def execution_timeout_s(catalogue: Catalogue, steps: Sequence[PlanStep]) -> float:
    """Seconds the whole run may take: the classes' own limits, or the sum of the targets' where that is more.

    Further attempts, verification and undo count as often as they may happen.
    """
    total = 0.0
    for step in steps:
        limits = _table()[catalogue.tools[step.tool].timeout_class]
        total += max(float(limits[1]), float(limits[0]) * len(step.targets) * (1 + step.retries))
        for name in (step.verify, step.undo if step.on_failure == "undo" else ""):
            if name in catalogue.tools:
                total += step_timeout_s(catalogue.tools[name].timeout_class) * len(step.targets)
    return total
