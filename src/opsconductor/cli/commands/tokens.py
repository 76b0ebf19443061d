"""`tokens`: bearer tokens for programs, and sign-in links for browsers."""

from typing import Annotated

import typer

from opsconductor.cli.client import Client
from opsconductor.cli.connect import with_client
from opsconductor.cli.options import AsIdentity, AsJson, Tenant

DAY_S = 24 * 3600.0


def create(
    name: Annotated[
        str, typer.Argument(metavar="[WHO]", help="Whose token; left out: your own.", show_default=False)
    ] = "",
    label: Annotated[str, typer.Option("--label", help="What it is for.")] = "",
    days: Annotated[int, typer.Option("--days", min=0, help="How long it works; 0: until it is revoked.")] = 90,
    sign_in: Annotated[bool, typer.Option("--sign-in", help="A one-time link to the running server's page.")] = False,
    acting_as: AsIdentity = "",
    tenant: Tenant = "",
) -> None:
    """Create a bearer token and print it, alone, on standard output: it is never shown again."""
    from opsconductor.cli.printing import say

    async def work(client: Client) -> str:
        if sign_in:
            return str((await client.sign_in_link())["url"])
        return str((await client.create_token(name, label, days * DAY_S if days else None))["secret"])

    say(with_client(work, acting_as=acting_as, tenant=tenant))


def list_tokens(as_json: AsJson = False, acting_as: AsIdentity = "", tenant: Tenant = "") -> None:
    """List tokens; their secrets are not kept."""
    from opsconductor.cli.printing import say_json
    from opsconductor.cli.render.tables import show_table

    found = with_client(lambda client: client.tokens(), acting_as=acting_as, tenant=tenant)
    if as_json:
        say_json(found)
        return
    columns = ("token_id", "identity", "kind", "label", "created_at", "expires_at", "used_at", "revoked_at")
    show_table(
        [name.removesuffix("_id").removesuffix("_at") for name in columns],
        [[one[name] for name in columns] for one in found],
        "No tokens.",
    )


def revoke(
    token_id: Annotated[str, typer.Argument(metavar="ID", help="The token.")],
    acting_as: AsIdentity = "",
    tenant: Tenant = "",
) -> None:
    """End a token: whoever uses it is refused from now on."""
    from opsconductor.cli.printing import say

    with_client(lambda client: client.revoke_token(token_id), acting_as=acting_as, tenant=tenant)
    say(f"{token_id} is revoked.")
