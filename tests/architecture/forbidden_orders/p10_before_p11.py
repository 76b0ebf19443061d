"""Only an enforced response is stored."""

from opsconductor.domain.response import ResponsePlan
from opsconductor.domain.retrieval import RetrievalResults
from opsconductor.domain.rules import SelectedRules
from opsconductor.domain.scenarios import Orchestration
from opsconductor.domain.turn import CustomerUpdate, ToolPhaseResult, TurnContext
from opsconductor.pipeline import Phases
from opsconductor.ports.telemetry import TurnTrace


async def wrong(
    phases: Phases,
    context: TurnContext,
    customer: CustomerUpdate,
    retrieved: RetrievalResults,
    rules: SelectedRules,
    orchestration: Orchestration,
    executed: ToolPhaseResult,
    plan: ResponsePlan,
    trace: TurnTrace,
) -> None:
    await phases.persist.run(
        context,
        customer,
        retrieved,
        rules,
        orchestration,
        executed,
        plan,  # expect: arg-type
        trace,
    )
