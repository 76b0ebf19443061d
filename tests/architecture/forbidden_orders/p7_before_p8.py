"""A reply is planned from what was executed."""

from opsconductor.domain.retrieval import RetrievalResults
from opsconductor.domain.rules import SelectedRules
from opsconductor.domain.scenarios import Orchestration
from opsconductor.domain.turn import CustomerUpdate, TurnContext
from opsconductor.pipeline import Phases


async def wrong(
    phases: Phases,
    context: TurnContext,
    customer: CustomerUpdate,
    retrieved: RetrievalResults,
    rules: SelectedRules,
    orchestration: Orchestration,
) -> None:
    await phases.plan_response.run(context, customer, retrieved, rules, orchestration)  # expect: call-arg
