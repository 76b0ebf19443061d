"""Scenarios are orchestrated under the rules that P5 selected."""

from opsconductor.domain.retrieval import RetrievalResults
from opsconductor.domain.snapshot import SituationalSnapshot
from opsconductor.domain.turn import CustomerUpdate, TurnContext
from opsconductor.pipeline import Phases


async def wrong(
    phases: Phases,
    context: TurnContext,
    snapshot: SituationalSnapshot,
    customer: CustomerUpdate,
    retrieved: RetrievalResults,
) -> None:
    await phases.orchestrate.run(context, snapshot, customer, retrieved.rules, retrieved)  # expect: arg-type
