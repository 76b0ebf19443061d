"""The names a rule condition may use, built the same way wherever a condition is judged."""

import re
from collections.abc import Mapping, Sequence

from opsconductor.domain.catalogue import Effect
from opsconductor.domain.identity import Identity
from opsconductor.domain.json_value import Json
from opsconductor.domain.knowledge import Mode
from opsconductor.domain.plan import PlanV1
from opsconductor.domain.risk import is_production

LATER_NAMES = frozenset({"intent", "mode", "targets", "tools", "plan"})
"""Known only once stage A and C have spoken: a condition that needs them waits for the gate."""

RULE_NAMES = LATER_NAMES | {"request", "channel", "identity", "customer"}
"""Every top-level name of rule conditions."""


def request_names(text: str, channel: str, identity: Identity, customer: Mapping[str, Json]) -> dict[str, Json]:
    """Names known from the words alone."""
    return {
        "request": {"text": text, "words": re.findall(r"\w+(?:[.-]\w+)*", text.lower())},
        "channel": channel,
        "identity": {"name": identity.name, "roles": sorted(identity.roles)},
        "customer": dict(customer),
    }


def plan_names(intent: str, mode: str, plan: PlanV1 | None, targets: Sequence[Mapping[str, Json]]) -> dict[str, Json]:
    """Names known once there is a decision, and maybe a plan; `targets` as the inventory describes them.

    What changes something acts, however its words were understood: the plan's effects go before `mode`.
    """
    changes = plan is not None and any(step.effect != Effect.READ for step in plan.steps)
    return {
        "intent": intent,
        "mode": Mode.ACT.value if changes else mode,
        "targets": list(targets),
        "tools": [step.tool for step in plan.steps] if plan else [],
        "plan": {
            "steps": len(plan.steps) if plan else 0,
            "targets": plan.blast_radius.targets if plan else 0,
            "level": plan.approval_level if plan else 0,
            "risk": plan.risk if plan else "low",
        },
    }


def target_names(plan: PlanV1 | None) -> list[Mapping[str, Json]]:
    """What conditions may know of each target of each step."""
    return [
        {
            "name": target.name,
            "platform": target.platform,
            "environment": target.environment,
            "production": is_production(target.environment),
            "criticality": target.criticality,
        }
        for step in (plan.steps if plan is not None else ())
        for target in step.targets
    ]
