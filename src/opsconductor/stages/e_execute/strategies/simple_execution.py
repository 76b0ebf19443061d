"""`simple`: a plan of one step."""

from collections.abc import Awaitable, Callable, Sequence

from opsconductor.domain.errors import BadInput
from opsconductor.domain.plan import PlanStep


async def execute_simple(steps: Sequence[PlanStep], run_step: Callable[[PlanStep], Awaitable[None]]) -> None:
    """Run the one step. Raises `plan.invalid` for several: nobody said in which order."""
    if len(steps) > 1:
        raise BadInput("plan.invalid", f"A simple plan has one step; this one has {len(steps)}.")
    for step in steps:
        await run_step(step)
