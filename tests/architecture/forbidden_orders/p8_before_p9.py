"""Nothing is worded before the reply is planned."""

from opsconductor.domain.turn import ToolPhaseResult, TurnContext
from opsconductor.pipeline import Phases


async def wrong(phases: Phases, context: TurnContext, executed: ToolPhaseResult) -> None:
    await phases.generate.run(context, executed, executed)  # expect: arg-type
