"""`identities`: who there is, what they may do, and whether people may approve what they ordered themselves."""

from typing import Annotated, Any

import typer

from opsconductor.cli.client import Client
from opsconductor.cli.connect import with_client
from opsconductor.cli.options import AsIdentity, AsJson, Tenant

Name = Annotated[str, typer.Argument(metavar="NAME", help="The identity.")]
Roles = Annotated[
    list[str],
    typer.Option(
        "--role", metavar="ROLE", help="requester, approver, admin, break_glass or viewer; may be given several times."
    ),
]


def list_identities(as_json: AsJson = False, acting_as: AsIdentity = "", tenant: Tenant = "") -> None:
    """List identities by name."""
    from opsconductor.cli.printing import say_json
    from opsconductor.cli.render.tables import show_table

    found = with_client(lambda client: client.identities(), acting_as=acting_as, tenant=tenant)
    if as_json:
        say_json(found)
        return
    rows = [(one["name"], one["kind"], one["roles"], "yes" if one["disabled"] else "") for one in found]
    show_table(("name", "kind", "roles", "disabled"), rows, "No identities.")


def create(
    name: Name,
    roles: Roles,
    kind: Annotated[str, typer.Option("--kind", help="human, agent or system.")] = "human",
    as_json: AsJson = False,
    acting_as: AsIdentity = "",
    tenant: Tenant = "",
) -> None:
    """Create an identity. It acts with a token: opsconductor tokens create NAME."""
    made = with_client(lambda client: client.create_identity(name, roles, kind), acting_as=acting_as, tenant=tenant)
    _tell(made, as_json, f"Give {name} a token with: opsconductor tokens create {name}")


def grant(
    name: Name,
    roles: Roles,
    revoke: Annotated[bool, typer.Option("--revoke", help="Take the roles away instead.")] = False,
    as_json: AsJson = False,
    acting_as: AsIdentity = "",
    tenant: Tenant = "",
) -> None:
    """Give an identity roles, or take them away. Approvals that were given and have not run are judged anew."""
    changed = with_client(lambda client: client.grant(name, roles, revoke), acting_as=acting_as, tenant=tenant)
    _tell(changed, as_json)


def disable(
    name: Name,
    enable: Annotated[bool, typer.Option("--enable", help="Let it act again.")] = False,
    as_json: AsJson = False,
    acting_as: AsIdentity = "",
    tenant: Tenant = "",
) -> None:
    """End everything an identity may do; what runs for it stops before its next step."""
    changed = with_client(lambda client: client.disable(name, enable), acting_as=acting_as, tenant=tenant)
    _tell(changed, as_json)


def self_approval(
    switch: Annotated[str, typer.Argument(metavar="[on|off]", help="Left out: only show it.")] = "",
    reason: Annotated[str, typer.Option("--reason", help="Why; kept in the audit trail.")] = "",
    as_json: AsJson = False,
    acting_as: AsIdentity = "",
    tenant: Tenant = "",
) -> None:
    """Whether approvers may approve what they ordered themselves. Off unless an administrator switches it on."""
    from opsconductor.cli.printing import say, say_json
    from opsconductor.domain.errors import BadInput

    if switch not in ("", "on", "off"):
        raise BadInput("request.invalid", "Write on or off.", field="switch")

    async def work(client: Client) -> Any:
        return await client.self_approval(None if not switch else switch == "on", reason)

    found = with_client(work, acting_as=acting_as, tenant=tenant)
    if as_json:
        say_json(found)
    else:
        say(f"Self-approval is {'on' if found['self_approval'] else 'off'}.")


def _tell(identity: Any, as_json: bool, then: str = "") -> None:
    from opsconductor.cli.printing import say, say_json, tell

    if as_json:
        say_json(identity)
        return
    state = ", disabled" if identity["disabled"] else ""
    say(f"{identity['name']} ({identity['kind']}{state}): {', '.join(identity['roles']) or 'no roles'}")
    if then:
        tell(then)
