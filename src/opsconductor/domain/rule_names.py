"""The names a rule condition may use, built the same way wherever a condition is judged."""

import re
from collections.abc import Mapping, Sequence

from opsconductor.domain.identity import Identity
from opsconductor.domain.json_value import Json
from opsconductor.domain.plan import PlanV1

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
    """Names known once there is a decision, and maybe a plan; `targets` as the inventory describes them."""
    return {
        "intent": intent,
        "mode": mode,
        "targets": list(targets),
        "tools": [step.tool for step in plan.steps] if plan else [],
        "plan": {
            "steps": len(plan.steps) if plan else 0,
            "targets": plan.blast_radius.targets if plan else 0,
            "level": plan.approval_level if plan else 0,
            "risk": plan.risk if plan else "low",
        },
    }
