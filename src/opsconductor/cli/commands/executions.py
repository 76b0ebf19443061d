"""`executions cancel`, `undo` and `resolve`: an order to stop or to take back, and a word on an unknown outcome."""

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from opsconductor.cli.connect import with_client
from opsconductor.cli.options import AsIdentity, AsJson, Tenant
from opsconductor.domain.errors import BadInput

OUTCOMES = ("done", "not-done")

ExecutionId = Annotated[str, typer.Argument(metavar="ID", help="The execution.")]
As = Annotated[
    list[str],
    typer.Option(
        "--as",
        metavar="done|not-done|WHO",
        help="Whether it happened, by your own look; given once more, act as WHO with a token in OPSCONDUCTOR_TOKEN.",
    ),
]
Why = Annotated[str, typer.Option("--reason", help="How you know; kept with the step.")]
WhyCancel = Annotated[str, typer.Option("--reason", help="Why; kept with the execution.")]
WhyUndo = Annotated[str, typer.Option("--reason", help="Why; kept with the new plan.")]
Step = Annotated[str, typer.Option("--step", metavar="S", help="Only that step.", show_default=False)]
Target = Annotated[str, typer.Option("--target", metavar="T", help="Only on that target.", show_default=False)]


def cancel(
    execution_id: ExecutionId,
    reason: WhyCancel = "",
    as_json: AsJson = False,
    acting_as: AsIdentity = "",
    tenant: Tenant = "",
) -> None:
    """Cancel what waits; of what runs the step under way ends and no later one begins."""
    from opsconductor.cli.printing import say, say_json

    found = with_client(
        lambda client: client.cancel_execution(execution_id, reason), acting_as=acting_as, tenant=tenant
    )
    if as_json:
        say_json(found)
        return
    say(_cancelled(found))


def undo(
    execution_id: ExecutionId,
    reason: WhyUndo = "",
    as_json: AsJson = False,
    acting_as: AsIdentity = "",
    tenant: Tenant = "",
) -> int:
    """Plan to take back what an execution changed, newest change first; it runs once that plan is approved.

    Exit codes as of ask: 3 approval needed, 6 refused.
    """
    from opsconductor.cli.render.reply import show_reply

    reply = with_client(lambda client: client.undo(execution_id, reason), acting_as=acting_as, tenant=tenant)
    return show_reply(reply, as_json=as_json)


def resolve(
    execution_id: ExecutionId,
    said: As,
    reason: Why = "",
    step: Step = "",
    target: Target = "",
    as_json: AsJson = False,
    tenant: Tenant = "",
) -> None:
    """Settle steps whose outcome is unknown, by what you found out yourself."""
    from opsconductor.cli.printing import say, say_json

    outcome, acting_as = outcome_and_identity(said)
    found = with_client(
        lambda client: client.resolve_execution(execution_id, outcome, reason, step, target),
        acting_as=acting_as,
        tenant=tenant,
    )
    if as_json:
        say_json(found)
        return
    say(f"Execution {found['execution_id']}: {found['status']} ({found['result']['summary']})")


def outcome_and_identity(said: Sequence[str]) -> tuple[str, str]:
    """What `--as` was given for: the outcome, and who acts. Raises `request.invalid` for two of a kind or none."""
    outcomes = [one for one in said if one in OUTCOMES]
    identities = [one for one in said if one not in OUTCOMES]
    if len(outcomes) != 1 or len(identities) > 1:
        raise BadInput("request.invalid", f"--as: say {' or '.join(OUTCOMES)}, once.", field="as")
    return outcomes[0], identities[0] if identities else ""


def _cancelled(found: Any) -> str:
    execution_id = found["execution_id"]
    if found["status"] == "running":
        return f"Execution {execution_id} was asked to stop: the step under way ends, no later one begins."
    if found["status"] == "cancelled" and found["result"] is None:
        return f"Execution {execution_id} is cancelled. Nothing was run."
    return f"Execution {execution_id}: {found['status']}" + (
        f" ({found['result']['summary']})" if found["result"] else ""
    )
