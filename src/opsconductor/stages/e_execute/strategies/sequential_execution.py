"""`sequential`: one step after the other, in the plan's order."""

from collections.abc import Awaitable, Callable, Sequence

from opsconductor.domain.plan import PlanStep


async def execute_sequential(steps: Sequence[PlanStep], run_step: Callable[[PlanStep], Awaitable[None]]) -> None:
    """Run each step when the one before it has ended; a step comes behind all that it depends on."""
    for step in in_order(steps):
        await run_step(step)


def in_order(steps: Sequence[PlanStep]) -> tuple[PlanStep, ...]:
    """The steps in their order, but none before one of these that it depends on; what hangs in a circle comes last."""
    left, ordered = list(steps), []
    while left:
        waiting = {step.step_id for step in left}
        following = next((step for step in left if not waiting.intersection(step.depends_on)), left[0])
        left.remove(following)
        ordered.append(following)
    return tuple(ordered)
