"""The approval level of one call in words: each part of its risk, what it comes to, and who would have to approve."""

import json
from collections.abc import Mapping
from typing import Any

WHO = {
    0: "runs at once",
    1: "the requester confirms it",
    2: "another person approves it",
    3: "two other people approve it, and each step is confirmed",
}


def level_lines(call: Mapping[str, Any]) -> list[str]:
    """The lines of one explained call. Nothing in them says that anything was run."""
    targets = ", ".join(_target(target) for target in call["targets"]) or "none"
    given = ", ".join(f"{name}={json.dumps(value, ensure_ascii=False)}" for name, value in call["inputs"].items())
    radius = call["blast_radius"]
    lines = [f"{call['tool']} on {targets} with {given or 'nothing'}. Nothing was run."]
    lines += [f"Missing: {', '.join(call['missing'])}"] if call["missing"] else []
    lines += [f"  {part['source']}: {part['risk']}, because {part['because']}" for part in call["parts"]]
    lines += [
        f"Risk:  {call['risk']}",
        f"Reach: {radius['targets']} {'target' if radius['targets'] == 1 else 'targets'}, criticality "
        f"{radius['criticality']}, {radius['dependents']} known to depend on them",
        f"Level: {call['level']}, {WHO[call['level']]}",
        *(f"  because {reason}" for reason in call["reasons"]),
    ]
    return [*lines, f"It would be refused: {call['code']}."] if call["outcome"] == "refuse" else lines


def _target(target: Mapping[str, Any]) -> str:
    return f"{target['name']} ({target['environment']})" if target.get("environment") else str(target["name"])
