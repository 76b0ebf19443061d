"""Rules are selected from what P4 retrieved."""

from opsconductor.domain.snapshot import SituationalSnapshot
from opsconductor.domain.turn import CustomerUpdate, TurnContext
from opsconductor.pipeline import Phases


async def wrong(
    phases: Phases,
    context: TurnContext,
    snapshot: SituationalSnapshot,
    customer: CustomerUpdate,
) -> None:
    await phases.select_rules.run(context, customer, snapshot)  # expect: arg-type
