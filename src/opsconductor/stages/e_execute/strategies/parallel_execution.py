"""`parallel`: every step as soon as all that it depends on has ended."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from graphlib import CycleError, TopologicalSorter

from opsconductor.domain.errors import BadInput
from opsconductor.domain.plan import PlanStep

STEPS_AT_ONCE = 8
"""So many steps run at a time; further ones that could begin wait for a place."""


async def execute_parallel(
    steps: Sequence[PlanStep], run_step: Callable[[PlanStep], Awaitable[None]], at_once: int = STEPS_AT_ONCE
) -> None:
    """Run the graph of the steps: a → (b ‖ c) → d. Raises `plan.invalid` for a circle, before anything is run."""
    by_id = {step.step_id: step for step in steps}
    order = TopologicalSorter({step.step_id: [name for name in step.depends_on if name in by_id] for step in steps})
    try:
        order.prepare()
    except CycleError as error:
        raise BadInput("plan.invalid", "The plan's steps depend on each other in a circle.") from error
    places = asyncio.Semaphore(at_once)
    async with asyncio.TaskGroup() as group:

        async def run_one(step: PlanStep) -> None:
            async with places:
                await run_step(step)
            order.done(step.step_id)
            begin_ready()

        def begin_ready() -> None:
            for step_id in order.get_ready():
                group.create_task(run_one(by_id[step_id]))

        begin_ready()
