"""Executions to try stage E on: tools with a probe, and plans of them over three hosts."""

from dataclasses import replace
from typing import Any

from opsconductor.domain.assets import Asset
from opsconductor.domain.catalogue import Effect, Probe, RiskLevel, Tool, ToolRun
from opsconductor.domain.plan import BlastRadius, PlanStep, PlanV1, plan_content, planned_target
from opsconductor.domain.risk import assess
from opsconductor.ports.canonical import digest
from opsconductor.testing.doubles.inventory.in_memory import an_asset
from opsconductor.testing.turns import a_tool, object_schema

HOSTS = tuple(an_asset(f"app-0{number}", environment="staging", platform="linux") for number in range(1, 4))
COUNT = ToolRun(argv=("read", "count"))
COUNTED = Probe(run=COUNT, settle_s=1.0, done="after.count > before.count", not_done="after.count == before.count")


def a_change(name: str = "service-restart", **changes: Any) -> Tool:
    """An idempotent change on one host whose probe compares the world's counter before and after."""
    plain = a_tool(
        name,
        effect=Effect.IDEMPOTENT,
        risk=RiskLevel.MEDIUM,
        run=ToolRun(argv=("act", {"input": "service"})),
        inputs=object_schema(host={"type": "string"}, service={"type": "string"}),
        output={"count": {"type": "integer"}},
        probe=COUNTED,
        max_targets=5,
        timeout_class="fast_change",
    )
    return replace(plain, **changes)


def a_read(name: str = "count-read", **changes: Any) -> Tool:
    """A read of the world's counter."""
    return replace(a_tool(name, run=COUNT, output={"count": {"type": "integer"}}, max_targets=5), **changes)


def a_step(tool: Tool, *hosts: Asset, step_id: str = "step_1", **changes: Any) -> PlanStep:
    """One step with `tool` on the hosts; its time-out is five seconds."""
    step = PlanStep(
        step_id=step_id,
        description=tool.description,
        tool=tool.name,
        tool_digest=tool.digest,
        inputs={"service": "billing"},
        targets=tuple(planned_target(host) for host in hosts),
        probe=tool.probe is not None,
        timeout_ms=5000,
        estimate_ms=1000,
        effect=tool.effect.value,
        risk=tool.risk.value,
    )
    return replace(step, **changes)


def a_plan(*steps: PlanStep, **changes: Any) -> PlanV1:
    """A plan of these steps with its true digest, risk and level."""
    verdict = assess(steps)
    content = digest(plan_content(steps))
    plan = PlanV1(
        plan_id="plan_" + content.removeprefix("sha256:")[:32],
        plan_digest=content,
        steps=steps,
        estimate_s=5.0,
        timeout_s=60.0,
        risk=verdict.risk.value,
        risk_reasons=verdict.reasons,
        approval_level=verdict.level,
        blast_radius=BlastRadius(targets=len({target for step in steps for target in step.targets})),
        strategy="simple" if len(steps) == 1 else "sequential",
    )
    return replace(plan, **changes)
