"""Tools run after P6 said what the scenarios contribute."""

from opsconductor.domain.retrieval import RetrievalResults
from opsconductor.domain.rules import SelectedRules
from opsconductor.domain.snapshot import SituationalSnapshot
from opsconductor.domain.turn import CustomerUpdate, TurnContext
from opsconductor.pipeline import Phases
from opsconductor.ports.telemetry import TurnTrace


async def wrong(
    phases: Phases,
    context: TurnContext,
    snapshot: SituationalSnapshot,
    customer: CustomerUpdate,
    retrieved: RetrievalResults,
    rules: SelectedRules,
    trace: TurnTrace,
) -> None:
    nothing = None
    await phases.execute_tools.run(context, snapshot, customer, retrieved, rules, nothing, trace)  # expect: arg-type
