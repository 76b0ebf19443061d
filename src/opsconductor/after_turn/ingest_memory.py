"""Keeps an episode of every turn that touched something, so that "what did we do there last time?" has an answer."""

from opsconductor.domain.execution import StepResult, StepStatus
from opsconductor.domain.knowledge import Memory
from opsconductor.domain.outbox import OutboxMessage
from opsconductor.domain.plan import PlanStep
from opsconductor.domain.step_ids import planned_id, undoes, verifies
from opsconductor.domain.turn import TurnRecord
from opsconductor.ports.clock import Clock, timestamp
from opsconductor.ports.storage import Storage

TOLD = 5
"""So many step results stand in an episode."""


class IngestMemory:
    """Handles outbox messages of topic `memory`."""

    def __init__(self, storage: Storage, clock: Clock) -> None:
        self._storage = storage
        self._clock = clock

    async def handle(self, message: OutboxMessage) -> None:
        """Store the turn's episode and mark the message done in one commit; a second time changes nothing."""
        record = await self._storage.turn_record(message.tenant, message.turn_id)
        memory = episode(record, timestamp(self._clock.now())) if record is not None else None
        unit = self._storage.begin()
        if memory is not None:
            unit.add_memory(memory)
        unit.finish_outbox(message.message_id)
        await unit.commit()


def episode(record: TurnRecord, recorded_at: str) -> Memory | None:
    """What was done to which assets, or None when the turn touched none."""
    result = record.reply.execution
    plan = record.reply.plan
    if result is None or plan is None:
        return None
    targets = {target.asset_id: target.name for step in plan.steps for target in step.targets}
    if not targets:
        return None
    planned = {step.step_id: step for step in plan.steps}
    services = sorted({str(step.inputs["service"]) for step in plan.steps if "service" in step.inputs})
    told = [one for one in result.step_results if one.status is not StepStatus.SKIPPED and not verifies(one.step_id)]
    done = [_told(one, planned.get(planned_id(one.step_id))) for one in told]
    if not done:
        return None
    more = [f"and {len(done) - TOLD} more"] if len(done) > TOLD else []
    when = (result.completed_at or record.completed_at)[:16].replace("T", " ")
    return Memory(
        memory_id="mem_" + record.turn_id.removeprefix("turn_"),
        tenant=record.tenant,
        kind="episode",
        text=f"{when} UTC: {'; '.join([*done[:TOLD], *more])}",
        entities=(*sorted(targets), *services),
        turn_id=record.turn_id,
        valid_from=record.completed_at,
        recorded_at=recorded_at,
    )


def _told(result: StepResult, planned: PlanStep | None) -> str:
    """What one call did to what; an undo names what it takes back, whatever tool does it."""
    undo = undoes(result.step_id)
    tool = planned.tool if undo and planned is not None else result.tool
    service = str(planned.inputs.get("service", "")) if planned is not None else ""
    where = f" on {result.target}" if result.target else ""
    what = " ".join(filter(None, ("undo of" if undo else "", tool, service)))
    by = f" by {result.tool}" if undo and result.tool != tool else ""
    came_to = "undone" if result.status is StepStatus.COMPENSATED else result.status.value
    return f"{what}{where}{by}: {came_to}"
