"""How a step goes over its targets: a canary alone, then batches, each part judged before the next begins."""

from collections.abc import Sequence

from opsconductor.domain.catalogue import Effect
from opsconductor.domain.plan import READS_AT_ONCE, PlannedTarget, PlanStep

Part = tuple[PlannedTarget | None, ...]
"""Targets that are worked on before anything is verified; (None,) for a step without a target."""


def parts_of(step: PlanStep) -> tuple[Part, ...]:
    """The step's targets in parts, in their order; every target stands in exactly one."""
    if not step.targets:
        return ((None,),)
    canary, rest = step.targets[: max(step.canary, 0)], step.targets[max(step.canary, 0) :]
    size = step.batch if step.batch > 0 else max(len(rest), 1)
    batches = [rest[start : start + size] for start in range(0, len(rest), size)]
    return tuple(part for part in (canary, *batches) if part)


def at_once(step: PlanStep) -> int:
    """So many targets of a part are worked on at a time; reads are many unless the step says how many."""
    if step.effect == Effect.READ and step.concurrency <= 1:
        return READS_AT_ONCE
    return max(step.concurrency, 1)


def targets_of(parts: Sequence[Part]) -> tuple[PlannedTarget | None, ...]:
    """All targets of several parts."""
    return tuple(target for part in parts for target in part)
