"""An approval in words: exactly what would run, where, for how long, at what risk, and the hash that binds it."""

import json
import shlex
from collections.abc import Mapping, Sequence
from typing import Any


def approval_lines(approval: Mapping[str, Any], plan: Mapping[str, Any]) -> list[str]:
    """The stored approval, line by line. Arguments and limits come from the very object that the hash is made of."""
    envelope = approval["envelope"]
    described = {step["step_id"]: step for step in plan["steps"]}
    lines = []
    for number, bound in enumerate(envelope["steps"], start=1):
        lines += _step_lines(number, bound, described.get(bound["id"], {}))
    radius = plan["blast_radius"]
    lines += [
        f"Duration: about {_seconds(plan['estimate_s'])}, at most {_seconds(plan['timeout_s'])}",
        f"Risk:     {envelope['risk']}{_because(plan['risk_reasons'])}",
        f"Reach:    {radius['targets']} {'target' if radius['targets'] == 1 else 'targets'}, "
        f"criticality {radius['criticality']}",
        f"Level:    {envelope['approval_level']}",
        f"Changes:  {'; '.join(plan['predicted_changes']) or 'none predicted'}",
        f"Expires:  {envelope['expires_at']}",
        f"Plan:     {approval['plan_hash']}",
    ]
    return lines


def decide_commands(approval_id: str) -> list[str]:
    """What to type next."""
    return [
        f"See exactly what would run: opsconductor approvals show {approval_id}",
        f"Approve: opsconductor approvals approve {approval_id}",
        f"Reject:  opsconductor approvals reject {approval_id} --reason WHY",
    ]


def _step_lines(number: int, bound: Mapping[str, Any], step: Mapping[str, Any]) -> list[str]:
    names = {target["asset_id"]: _target(target) for target in step.get("targets", ())}
    targets = [names.get(asset_id, asset_id) for asset_id in bound["targets"]]
    arguments = bound["arguments"]
    return [
        f"Step {number}:   {step.get('description') or bound['tool']}",
        f"  tool:     {bound['tool']} ({bound['effect']})",
        f"  with:     {_arguments(arguments)}",
        f"  targets:  {', '.join(targets) or 'none'}",
        f"  sends:    {_sends(step)}",
        f"  credential: {bound.get('credential_ref') or 'none'}",
        f"  digest:   {bound.get('tool_digest', 'not recorded')} of the tool",
        f"  limit:    {_seconds(bound['timeout_ms'] / 1000)} a target",
        *_criteria("needs", step.get("preconditions", ())),
        *_criteria("succeeds", step.get("success_criteria", ())),
    ]


def _sends(step: Mapping[str, Any]) -> str:
    """The command or request with its arguments, as the plan was frozen with; the tool's digest binds its form."""
    request = step.get("request") or {}
    if not step.get("connector"):
        return "not recorded"
    what = (
        shlex.join(request["argv"])
        if "argv" in request
        else json.dumps(request.get("http", request.get("builtin", "nothing")), ensure_ascii=False)
    )
    return f"over {step['connector']}: {what}"


def _criteria(name: str, expressions: Sequence[str]) -> list[str]:
    return [f"  {name + ':':<9} {' and '.join(expressions)}"] if expressions else []


def _arguments(arguments: Mapping[str, Any]) -> str:
    return (
        ", ".join(f"{name}={json.dumps(value, ensure_ascii=False)}" for name, value in arguments.items()) or "nothing"
    )


def _target(target: Mapping[str, Any]) -> str:
    where = f" ({target['environment']})" if target.get("environment") else ""
    return f"{target['name']}{where}"


def _because(reasons: Sequence[str]) -> str:
    return f" ({'; '.join(reasons)})" if reasons else ""


def _seconds(seconds: float) -> str:
    return f"{seconds:g} s"
