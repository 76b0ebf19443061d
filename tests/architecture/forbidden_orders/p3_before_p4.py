"""Retrieval needs what P3 resolved, not what was stored before."""

from opsconductor.domain.snapshot import SituationalSnapshot
from opsconductor.domain.turn import TurnContext
from opsconductor.pipeline import Phases
from opsconductor.ports.telemetry import TurnTrace


async def wrong(phases: Phases, context: TurnContext, snapshot: SituationalSnapshot, trace: TurnTrace) -> None:
    stored = context.customer_data
    await phases.retrieve.execute_retrieval_phase(context, snapshot, stored, trace)  # expect: arg-type
