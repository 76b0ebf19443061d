"""`approvals`: what waits for a person, and the person's word."""

from typing import Annotated, Any

import typer

from opsconductor.cli.client import Client
from opsconductor.cli.connect import with_client
from opsconductor.cli.options import AsIdentity, AsJson, Limit, Tenant

ApprovalId = Annotated[str, typer.Argument(metavar="ID", help="The approval.")]
PlanHash = Annotated[
    str,
    typer.Option("--plan-hash", metavar="HASH", help="Decide only if the plan is still this one.", show_default=False),
]
State = Annotated[str, typer.Option("--state", help="Only those: pending, consumed, rejected, expired, …")]


def list_approvals(
    state: State = "", limit: Limit = 50, as_json: AsJson = False, acting_as: AsIdentity = "", tenant: Tenant = ""
) -> None:
    """List approvals, newest first."""
    from opsconductor.cli.printing import say_json
    from opsconductor.cli.render.tables import show_table

    found = with_client(lambda client: client.approvals(limit, state), acting_as=acting_as, tenant=tenant)
    if as_json:
        say_json(found)
        return
    rows = [
        (one["approval_id"], one["state"], one["level"], one["envelope"]["risk"], _tools(one), one["expires_at"])
        for one in found
    ]
    show_table(("approval", "state", "level", "risk", "tools", "expires"), rows, "No approvals.")


def show(approval_id: ApprovalId, as_json: AsJson = False, acting_as: AsIdentity = "", tenant: Tenant = "") -> None:
    """Show exactly what an approval is about."""
    from opsconductor.cli.printing import say, say_json
    from opsconductor.cli.render.approval import approval_lines, decide_commands

    found = with_client(lambda client: client.approval(approval_id), acting_as=acting_as, tenant=tenant)
    if as_json:
        say_json(found)
        return
    say(f"Approval {found['approval_id']} ({found['state']}): {found['request']}")
    for line in approval_lines(found, found["plan"]):
        say(line)
    for decision in found["decisions"]:
        reason = f": {decision['reason']}" if decision["reason"] else ""
        say(f"Decided:  {decision['decision']} by {decision['who_name']} at {decision['at']}{reason}")
    if found["state"] == "pending":
        for line in decide_commands(approval_id)[1:]:
            say(line)


def approve(
    approval_id: ApprovalId,
    reason: Annotated[str, typer.Option("--reason", help="Why; kept with the decision.")] = "",
    plan_hash: PlanHash = "",
    as_json: AsJson = False,
    acting_as: AsIdentity = "",
    tenant: Tenant = "",
) -> int:
    """Approve exactly the plan that the approval holds, run it, and tell what came of it."""
    return _decide(approval_id, "approve", reason, plan_hash, as_json=as_json, acting_as=acting_as, tenant=tenant)


def reject(
    approval_id: ApprovalId,
    reason: Annotated[str, typer.Option("--reason", help="Why; kept with the decision.")] = "",
    plan_hash: PlanHash = "",
    as_json: AsJson = False,
    acting_as: AsIdentity = "",
    tenant: Tenant = "",
) -> int:
    """Reject a plan: nothing of it runs."""
    return _decide(approval_id, "reject", reason, plan_hash, as_json=as_json, acting_as=acting_as, tenant=tenant)


def _decide(
    approval_id: str, decision: str, reason: str, plan_hash: str, *, as_json: bool, acting_as: str, tenant: str
) -> int:
    from opsconductor.cli.render.reply import show_reply

    async def work(client: Client) -> Any:
        bound = plan_hash or (await client.approval(approval_id))["plan_hash"]
        return await client.decide(approval_id, bound, decision, reason)

    return show_reply(with_client(work, acting_as=acting_as, tenant=tenant), as_json=as_json)


def _tools(approval: Any) -> list[str]:
    return sorted({step["tool"] for step in approval["envelope"]["steps"]})
