"""Risk, level and rights as the reader of a selection sees them; provisional: the gate's verdict is recorded."""

from collections.abc import Sequence

from opsconductor.domain.catalogue import Effect, Tool
from opsconductor.domain.plan import PlannedTarget, PlanStep
from opsconductor.domain.risk import assess, highest, risk_parts
from opsconductor.domain.selection import SelectedTool, SelectionPolicy


def policy_of(selected: Sequence[SelectedTool], tools: Sequence[Tool], environments: Sequence[str]) -> SelectionPolicy:
    """`tools` are those of `selected`, in the same order; `environments` those of the targets."""
    environment = ", ".join(environments)
    steps = tuple(
        PlanStep(
            step_id=f"step_{number}",
            description=tool.description,
            tool=tool.name,
            tool_digest=tool.digest,
            inputs={},
            targets=tuple(
                PlannedTarget(asset_id=asset_id, name="", environment=environment) for asset_id in chosen.targets
            ),
            effect=tool.effect.value,
            risk=highest(risk_parts(tool.effect, tool.risk)).value,
        )
        for number, (chosen, tool) in enumerate(zip(selected, tools, strict=True), start=1)
    )
    verdict = assess(steps)
    changes = any(tool.effect is not Effect.READ for tool in tools)
    return SelectionPolicy(
        risk=verdict.risk.value,
        approval_level=verdict.level,
        environment=environment,
        rights=("change",) if changes else ("read",),
    )
