"""`approvals`: what waits for a person, and the person's word."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

import typer

from opsconductor.cli.client import Client
from opsconductor.cli.connect import with_client
from opsconductor.cli.options import AsIdentity, AsJson, Limit, Tenant
from opsconductor.domain.errors import BadInput

ApprovalId = Annotated[str, typer.Argument(metavar="ID", help="The approval.")]
PlanHash = Annotated[
    str,
    typer.Option("--plan-hash", metavar="HASH", help="Decide only if the plan is still this one.", show_default=False),
]
State = Annotated[str, typer.Option("--state", help="Only those: pending, consumed, rejected, expired, …")]
Reviews = Annotated[
    bool, typer.Option("--reviews", help="Only those given without the second person that owe a review.")
]
Reason = Annotated[str, typer.Option("--reason", help="Why; kept with the decision.")]


def list_approvals(
    state: State = "",
    reviews: Reviews = False,
    limit: Limit = 50,
    as_json: AsJson = False,
    acting_as: AsIdentity = "",
    tenant: Tenant = "",
) -> None:
    """List approvals, newest first; or the reviews that are due, oldest first."""
    from opsconductor.cli.printing import say_json, tell
    from opsconductor.cli.render.tables import show_table

    async def work(client: Client) -> Any:
        due = await client.reviews_due()
        return (due if reviews else await client.approvals(limit, state)), due

    found, due = with_client(work, acting_as=acting_as, tenant=tenant)
    if as_json:
        say_json(found)
        return
    rows = [
        (
            one["approval_id"],
            one["state"],
            f"{_given(one)}/{one['needed']}",
            one["level"],
            one["envelope"]["risk"],
            _tools(one),
            one["expires_at"],
        )
        for one in found
    ]
    columns = ("approval", "state", "given", "level", "risk", "tools", "expires")
    show_table(columns, rows, "No reviews are due." if reviews else "No approvals.")
    if due and not reviews:
        tell(f"Reviews due: {len(due)}. See them with: opsconductor approvals list --reviews")


def show(approval_id: ApprovalId, as_json: AsJson = False, acting_as: AsIdentity = "", tenant: Tenant = "") -> None:
    """Show exactly what an approval is about."""
    from opsconductor.cli.printing import say, say_json
    from opsconductor.cli.render.approval import approval_lines, decision_lines, next_commands

    found = with_client(lambda client: client.approval(approval_id), acting_as=acting_as, tenant=tenant)
    if as_json:
        say_json(found)
        return
    say(f"Approval {found['approval_id']} ({found['state']}): {found['request']}")
    for line in approval_lines(found, found["plan"]):
        say(line)
    for line in decision_lines(found):
        say(line)
    for line in next_commands(found)[1:]:
        say(line)


def approve(
    approval_id: ApprovalId,
    reason: Reason = "",
    break_glass: Annotated[
        bool, typer.Option("--break-glass", help="Alone, without the second person; owes a review by somebody else.")
    ] = False,
    plan_hash: PlanHash = "",
    as_json: AsJson = False,
    acting_as: AsIdentity = "",
    tenant: Tenant = "",
) -> int:
    """Approve exactly the plan that the approval holds; with the last approval it needs it runs, and is told."""
    answer = _Answer("approve", reason, plan_hash, break_glass=break_glass)
    return _decide(approval_id, answer, as_json=as_json, acting_as=acting_as, tenant=tenant)


def reject(
    approval_id: ApprovalId,
    reason: Reason = "",
    plan_hash: PlanHash = "",
    as_json: AsJson = False,
    acting_as: AsIdentity = "",
    tenant: Tenant = "",
) -> int:
    """Reject a plan: nothing of it runs."""
    answer = _Answer("reject", reason, plan_hash)
    return _decide(approval_id, answer, as_json=as_json, acting_as=acting_as, tenant=tenant)


def request_changes(
    approval_id: ApprovalId,
    reason: Reason = "",
    plan_hash: PlanHash = "",
    as_json: AsJson = False,
    acting_as: AsIdentity = "",
    tenant: Tenant = "",
) -> int:
    """Send a plan back to whoever asked for it, who may edit it. Needs a reason."""
    answer = _Answer("request_changes", reason, plan_hash)
    return _decide(approval_id, answer, as_json=as_json, acting_as=acting_as, tenant=tenant)


def edit(
    approval_id: ApprovalId,
    settings: Annotated[
        list[str],
        typer.Option("--set", metavar="STEP.INPUT=VALUE", help="An input to change, such as step_1.service=billing."),
    ],
    reason: Reason = "",
    plan_hash: PlanHash = "",
    as_json: AsJson = False,
    acting_as: AsIdentity = "",
    tenant: Tenant = "",
) -> int:
    """Change inputs of a plan that waits: it becomes a new plan with a new approval, and the old one is withdrawn."""
    answer = _Answer("edit", reason, plan_hash, changes=changes_of(settings))
    return _decide(approval_id, answer, as_json=as_json, acting_as=acting_as, tenant=tenant)


def review(
    approval_id: ApprovalId,
    reason: Reason = "",
    disagree: Annotated[bool, typer.Option("--disagree", help="It was not right to approve this alone.")] = False,
    as_json: AsJson = False,
    acting_as: AsIdentity = "",
    tenant: Tenant = "",
) -> None:
    """Review an approval that was given without the second person. Needs a reason."""
    from opsconductor.cli.printing import say, say_json

    found = with_client(
        lambda client: client.review(approval_id, reason, not disagree), acting_as=acting_as, tenant=tenant
    )
    if as_json:
        say_json(found)
        return
    verdict = "disagrees" if disagree else "agrees"
    say(f"{approval_id} is reviewed: {found['review']['who_name']} {verdict}. Nothing that was run is changed by it.")


def changes_of(settings: Sequence[str]) -> dict[str, dict[str, str]]:
    """`step_1.service=billing` as changes by step. Raises `request.invalid` for anything else."""
    changes: dict[str, dict[str, str]] = {}
    for setting in settings:
        place, equals, value = setting.partition("=")
        step, dot, name = place.strip().partition(".")
        if not (equals and dot and step and name):
            raise BadInput("request.invalid", f"--set {setting}: write it as STEP.INPUT=VALUE.", field="set")
        changes.setdefault(step, {})[name] = value
    return changes


@dataclass(frozen=True)
class _Answer:
    decision: str
    reason: str
    plan_hash: str
    break_glass: bool = False
    changes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def _decide(approval_id: str, said: _Answer, *, as_json: bool, acting_as: str, tenant: str) -> int:
    from opsconductor.cli.render.reply import show_reply
    from opsconductor.domain.turn import ApprovalAnswer

    async def work(client: Client) -> Any:
        bound = said.plan_hash or (await client.approval(approval_id))["plan_hash"]
        return await client.decide(
            ApprovalAnswer(
                approval_id=approval_id,
                plan_hash=bound,
                decision=said.decision,
                reason=said.reason,
                changes=said.changes,
                break_glass=said.break_glass,
            )
        )

    return show_reply(with_client(work, acting_as=acting_as, tenant=tenant), as_json=as_json)


def _given(approval: Any) -> int:
    return sum(decision["decision"] == "approve" for decision in approval["decisions"])


def _tools(approval: Any) -> list[str]:
    return sorted({step["tool"] for step in approval["envelope"]["steps"]})
