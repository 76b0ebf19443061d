"""What makes two orders the same order: intent, targets and parameters of what they change."""

from opsconductor.domain.catalogue import Effect
from opsconductor.domain.json_value import Json, JsonObject
from opsconductor.domain.plan import PlanV1


def order_content(intent: str, plan: PlanV1) -> JsonObject | None:
    """The content that a tool key is the digest of: equal for the same order in other words, or with its targets in
    another order. None for a plan that changes nothing: reads may be asked as often as anybody likes."""
    changing: list[Json] = [
        {
            "tool": step.tool,
            "targets": sorted({target.asset_id for target in step.targets}),
            "parameters": dict(step.inputs),
        }
        for step in plan.steps
        if step.effect != Effect.READ
    ]
    return {"intent": intent, "steps": changing} if changing else None
