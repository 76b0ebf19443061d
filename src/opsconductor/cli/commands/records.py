"""`executions` and `turns`: what has happened."""

from typing import Annotated, Any

import typer

from opsconductor.cli.connect import with_client
from opsconductor.cli.options import AsIdentity, AsJson, Limit, Session, Tenant

ExecutionId = Annotated[str, typer.Argument(metavar="ID", help="The execution.")]
TurnId = Annotated[str, typer.Argument(metavar="ID", help="The turn.")]


def list_executions(
    limit: Limit = 50, as_json: AsJson = False, acting_as: AsIdentity = "", tenant: Tenant = ""
) -> None:
    """List executions, newest first."""
    from opsconductor.cli.printing import say_json
    from opsconductor.cli.render.tables import show_table

    found = with_client(lambda client: client.executions(limit), acting_as=acting_as, tenant=tenant)
    if as_json:
        say_json(found)
        return
    rows = [(one["execution_id"], one["status"], one["created_at"], one["request"]) for one in found]
    show_table(("execution", "status", "created", "request"), rows, "No executions.")


def show_execution(
    execution_id: ExecutionId,
    as_json: AsJson = False,
    acting_as: AsIdentity = "",
    tenant: Tenant = "",
    commands: Annotated[bool, typer.Option("--commands", help="Show what its plan sends, call by call.")] = False,
) -> None:
    """Show one execution: its steps, what each was asked and gave, and every change of its state."""
    from opsconductor.cli.printing import say, say_json
    from opsconductor.cli.render.plan_against_actual import comparison_lines

    if commands:
        _show_commands(execution_id, as_json, acting_as, tenant)
        return
    found = with_client(lambda client: client.execution(execution_id), acting_as=acting_as, tenant=tenant)
    if as_json:
        say_json(found)
        return
    say(f"Execution {found['execution_id']}: {found['status']}")
    say(f"Request:  {found['request']}")
    result = found["result"]
    if result:
        say(f"Summary:  {result['summary']}")
        for step in result["step_results"]:
            say(_step_line(step))
        for line in comparison_lines(result["plan_against_actual"]):
            say(line)
    for move in found["moves"]:
        say(f"{move['at']}  {move['source']} → {move['target']}  {move['reason']}")


def _show_commands(execution_id: str, as_json: bool, acting_as: str, tenant: str) -> None:
    from opsconductor.cli.printing import say, say_json
    from opsconductor.cli.render.commands import command_lines

    found = with_client(lambda client: client.commands(execution_id), acting_as=acting_as, tenant=tenant)
    if as_json:
        say_json(found)
        return
    for line in command_lines(found):
        say(line)


def show_output(
    output_ref: Annotated[str, typer.Argument(metavar="REF", help="The output_ref of a step's result.")],
    acting_as: AsIdentity = "",
    tenant: Tenant = "",
) -> None:
    """Print the whole output, as JSON, of a step whose result was cut."""
    from opsconductor.cli.printing import say_json

    say_json(with_client(lambda client: client.output(output_ref), acting_as=acting_as, tenant=tenant))


def list_turns(
    limit: Limit = 50,
    as_json: AsJson = False,
    acting_as: AsIdentity = "",
    tenant: Tenant = "",
    session: Session = "",
) -> None:
    """List finished turns, newest first."""
    from opsconductor.cli.printing import say_json
    from opsconductor.cli.render.tables import show_table

    found = with_client(lambda client: client.turns(limit, session), acting_as=acting_as, tenant=tenant)
    if as_json:
        say_json(found)
        return
    rows = [
        (one["turn_id"], one["reply"]["kind"], one["started_at"], one["message"] or one["trigger"]) for one in found
    ]
    show_table(("turn", "kind", "started", "message"), rows, "No turns.")


def show_turn(turn_id: TurnId, as_json: AsJson = False, acting_as: AsIdentity = "", tenant: Tenant = "") -> None:
    """Show one turn: what was asked and answered, its phases, the rules kept and dropped, the evidence."""
    from opsconductor.cli.printing import say, say_json
    from opsconductor.cli.render.tables import show_table

    found = with_client(lambda client: client.turn(turn_id), acting_as=acting_as, tenant=tenant)
    if as_json:
        say_json(found)
        return
    reply = found["reply"]
    say(f"Turn {found['turn_id']} ({found['trigger']}, number {found['number']} of {found['session_id']})")
    say(f"Asked:    {found['message'] or '-'}")
    say(f"Answered: {reply['message']} ({reply['kind']})")
    show_table(
        ("phase", "started ms", "took ms", "parts"),
        [
            (one["phase"], one["started_ms"], one["ms"], [part["name"] for part in one["parts"]])
            for one in reply["phases"]
        ],
    )
    show_table(
        ("rule", "kept", "reason"),
        [(one["rule_id"], "yes" if one["kept"] else "no", one["reason"]) for one in found["rules"]],
        "No rule was considered.",
    )
    for claim in reply["evidence"]:
        say(f"Evidence: {claim['claim']} = {claim['step']} {claim['path']}")


def _step_line(step: Any) -> str:
    where = f" on {step['target']}" if step["target"] else ""
    why = f": {step['error']['message']}" if step["error"] else ""
    whole = f" (whole output: {step['output_ref']})" if step.get("output_ref") else ""
    took = f" in {step['duration_s']:.3f} s" if step["duration_s"] is not None else ""
    return f"  {step['step_id']} {step['tool']}{where}: {step['status']}{took}{why}{whole}"
