"""An approval in words: exactly what would run, where, for how long, at what risk, and the hash that binds it."""

import json
import shlex
from collections.abc import Mapping, Sequence
from typing import Any


def approval_lines(approval: Mapping[str, Any], plan: Mapping[str, Any]) -> list[str]:
    """The stored approval, line by line. Arguments and limits come from the very object that the hash is made of."""
    envelope = approval["envelope"]
    described = {step["step_id"]: step for step in plan["steps"]}
    lines = _about_step(envelope)
    for number, bound in enumerate(envelope["steps"], start=1):
        lines += _step_lines(number, bound, described.get(bound["id"], {}))
    radius = plan["blast_radius"]
    lines += [
        f"Duration: about {_seconds(plan['estimate_s'])}, at most {_seconds(plan['timeout_s'])}",
        f"Risk:     {envelope['risk']}{_because(plan['risk_reasons'])}",
        f"Reach:    {radius['targets']} {'target' if radius['targets'] == 1 else 'targets'}, "
        f"criticality {radius['criticality']}",
        f"Level:    {envelope['approval_level']}{_people(envelope)}",
        f"Changes:  {'; '.join(plan['predicted_changes']) or 'none predicted'}",
        f"Expires:  {envelope['expires_at']}",
        f"Plan:     {approval['plan_hash']}",
    ]
    return lines


def decision_lines(approval: Mapping[str, Any]) -> list[str]:
    """What people have said of it, and what is owed."""
    lines = []
    for decision in approval["decisions"]:
        reason = f": {decision['reason']}" if decision["reason"] else ""
        alone = " without a second person" if decision["break_glass"] else ""
        lines.append(f"Decided:  {decision['decision']} by {decision['who_name']}{alone} at {decision['at']}{reason}")
    review = approval["review"]
    if review:
        verdict = "agrees" if review["decision"] == "approve" else "disagrees"
        lines.append(f"Reviewed: {review['who_name']} {verdict} at {review['at']}: {review['reason']}")
    elif any(decision["break_glass"] for decision in approval["decisions"]):
        lines.append(f"Owes a review: opsconductor approvals review {approval['approval_id']} --reason WHY")
    return lines


def next_commands(approval: Mapping[str, Any]) -> list[str]:
    """What to type next, by the approval's state; the first line shows the plan."""
    identifier = approval["approval_id"]
    edit = f"Change:  opsconductor approvals edit {identifier} --set STEP.INPUT=VALUE"
    reject = f"Reject:  opsconductor approvals reject {identifier} --reason WHY"
    shown = f"See exactly what would run: opsconductor approvals show {identifier}"
    if approval["state"] == "changes_requested":
        return [shown, edit, reject]
    if approval["state"] != "pending":
        return [shown]
    approve = f"Approve: opsconductor approvals approve {identifier}"
    return [shown, approve, reject] if approval["step_id"] else [shown, approve, reject, edit]


def _about_step(envelope: Mapping[str, Any]) -> list[str]:
    step_id = envelope["step_id"]
    return [f"Confirms: {step_id} of this plan, whose approval was given; nothing else runs"] if step_id else []


def _people(envelope: Mapping[str, Any]) -> str:
    if envelope["step_id"] or envelope["approval_level"] < 2:
        return ""
    people = "person" if envelope["needed"] == 1 else "different people"
    return f" ({envelope['needed']} {people} other than the requester)"


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
        *_rollout(bound),
        *_criteria("needs", step.get("preconditions", ())),
        *_criteria("succeeds", step.get("success_criteria", ())),
    ]


def _rollout(bound: Mapping[str, Any]) -> list[str]:
    """What the hash binds of how the targets are gone through, and of what happens on failure."""
    canary, batch, at_once = bound.get("rollout", (0, 0, 1))
    retries, pause_ms = bound.get("retries", (0, 0))
    parts = [f"{canary} first, alone"] if canary else []
    parts += [f"then {batch} at a time"] if batch else []
    parts += [f"{at_once} at once"] if at_once > 1 and len(bound["targets"]) > 1 else []
    verify, undo, fails = bound.get("verify"), bound.get("undo"), bound.get("on_failure", "stop")
    given = f" with {_arguments(bound.get('undo_inputs', {}))}" if undo else ""
    return [
        *([f"  rollout:  {', '.join(parts)}"] if parts else []),
        *([f"  verifies: {verify} after each part"] if verify else []),
        *([f"  retries:  {retries}, the first after {_seconds(pause_ms / 1000)}"] if retries else []),
        f"  on failure: {fails}",
        *([f"  undo:     {undo}{given}"] if undo else []),
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
