"""Only a draft can be enforced."""

from opsconductor.domain.response import ResponsePlan
from opsconductor.domain.rules import SelectedRules
from opsconductor.domain.turn import ToolPhaseResult, TurnContext
from opsconductor.pipeline import Phases


async def wrong(
    phases: Phases,
    context: TurnContext,
    plan: ResponsePlan,
    executed: ToolPhaseResult,
    rules: SelectedRules,
) -> None:
    await phases.enforce.run(context, plan, plan, executed, rules)  # expect: arg-type
