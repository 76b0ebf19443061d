"""The embedding is of what P2 sensed, not of what P1 loaded."""

from opsconductor.domain.turn import TurnContext
from opsconductor.pipeline import Phases


async def wrong(phases: Phases, context: TurnContext) -> None:
    await phases.retrieve.compute_embedding(context)  # expect: arg-type
