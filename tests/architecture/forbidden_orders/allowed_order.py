"""The order of the design is accepted: each phase is given what the one before it returned."""

from opsconductor.domain.snapshot import SituationalSnapshot
from opsconductor.domain.turn import CustomerUpdate, TurnContext
from opsconductor.pipeline import Phases
from opsconductor.ports.telemetry import TurnTrace


async def right(
    phases: Phases,
    context: TurnContext,
    snapshot: SituationalSnapshot,
    customer: CustomerUpdate,
    trace: TurnTrace,
) -> None:
    retrieved = await phases.retrieve.execute_retrieval_phase(context, snapshot, customer, trace)
    rules = await phases.select_rules.run(context, customer, retrieved)
    orchestration = await phases.orchestrate.run(context, snapshot, customer, rules, retrieved)
    executed = await phases.execute_tools.run(context, snapshot, customer, retrieved, rules, orchestration, trace)
    plan = await phases.plan_response.run(context, customer, retrieved, rules, orchestration, executed)
    draft = await phases.generate.run(context, plan, executed)
    await phases.enforce.run(context, plan, draft, executed, rules)
