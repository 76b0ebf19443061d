"""In which parts a step reaches its targets, how long that takes, and in what order steps may run."""

from collections.abc import Mapping, Sequence
from graphlib import CycleError, TopologicalSorter

from opsconductor.domain.catalogue import Effect, Tool
from opsconductor.domain.errors import BadInput
from opsconductor.domain.plan import READS_AT_ONCE, PlanStep


def canary_of(tool: Tool, targets: int) -> int:
    """How many targets go first, alone; a canary that would be all of them is none."""
    return tool.canary if 0 < tool.canary < targets else 0


def batch_of(tool: Tool, targets: int) -> int:
    """How many at a time after that; 0 where the rest fits into one batch."""
    return tool.batch if 0 < tool.batch < targets - canary_of(tool, targets) else 0


def concurrency_of(tool: Tool) -> int:
    """How many targets of a part are worked on at once: reads go to several unless the tool says how many."""
    return max(tool.concurrency, READS_AT_ONCE) if tool.effect is Effect.READ else max(tool.concurrency, 1)


def parts(targets: int, canary: int, batch: int) -> tuple[int, ...]:
    """The sizes of the parts, in order: canary, then batches; one part of one run where there is no target."""
    rest = targets - canary
    size = batch or rest
    sizes = [canary, *(min(size, rest - begun) for begun in range(0, rest, size or 1))]
    return tuple(size for size in sizes if size) or (1,)


def ordered(steps: Sequence[PlanStep]) -> tuple[PlanStep, ...]:
    """The steps, each after all that it depends on. Raises `plan.invalid` where there is no such order."""
    if not any(step.depends_on for step in steps):
        return tuple(steps)
    by_id = {step.step_id: step for step in steps}
    unknown = [name for step in steps for name in step.depends_on if name not in by_id]
    if unknown:
        raise BadInput("plan.invalid", f"A step depends on {unknown[0]}, which is not in the plan.")
    try:
        sorter = TopologicalSorter({step.step_id: step.depends_on for step in steps})
        return tuple([by_id[step_id] for step_id in sorter.static_order()])
    except CycleError as error:
        raise BadInput("plan.invalid", "The plan's steps depend on each other in a circle.") from error


def strategy_of(in_order: Sequence[PlanStep]) -> str:
    """`simple` for one step, `parallel` where some steps need not wait for each other, else `sequential`.

    Two changes of one target are never run side by side: with such a pair that no dependency orders, all go in turn.
    """
    if len(in_order) == 1:
        return "simple"
    before = _before(in_order)
    free = [
        (one, other)
        for number, one in enumerate(in_order)
        for other in in_order[number + 1 :]
        if one.step_id not in before[other.step_id]
    ]
    return "parallel" if free and not any(_touch(one, other) for one, other in free) else "sequential"


def critical_path_ms(in_order: Sequence[PlanStep], strategy: str) -> int:
    """Milliseconds until the last step has ended: the longest path, or the sum where all go in turn."""
    if strategy == "sequential":
        return sum(step.estimate_ms for step in in_order)
    finish: dict[str, int] = {}
    for step in in_order:
        finish[step.step_id] = step.estimate_ms + max((finish[name] for name in step.depends_on), default=0)
    return max(finish.values(), default=0)


def _before(in_order: Sequence[PlanStep]) -> Mapping[str, frozenset[str]]:
    """For each step all those it waits for, directly or not."""
    found: dict[str, frozenset[str]] = {}
    for step in in_order:
        found[step.step_id] = frozenset(step.depends_on).union(*(found[name] for name in step.depends_on))
    return found


def _touch(one: PlanStep, other: PlanStep) -> bool:
    """Whether both reach one target and at least one of them changes it."""
    if one.effect == Effect.READ and other.effect == Effect.READ:
        return False
    shared = {target.asset_id for target in one.targets} & {target.asset_id for target in other.targets}
    return bool(shared)
