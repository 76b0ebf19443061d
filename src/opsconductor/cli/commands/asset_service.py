"""`asset-service`: the inventory over HTTP alone, on its own port."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from opsconductor.bootstrap import FirstStart


def asset_service(
    port: Annotated[
        int | None, typer.Option("--port", min=0, max=65535, help="0 takes a free one.", show_default="3001")
    ] = None,
) -> None:
    """Serve this home's inventory alone, until Ctrl-C.

    Callers need a bearer token of `opsconductor tokens create`.
    """
    import asyncio

    from opsconductor.server.inventory_alone import serve_inventory
    from opsconductor.settings import load_settings

    settings = load_settings({"asset_service_port": str(port)} if port is not None else {})
    asyncio.run(serve_inventory(settings, announce))


def announce(address: str, new_home: "FirstStart | None") -> None:
    """Tell where the service is."""
    from opsconductor.cli.in_process import first_start_notice
    from opsconductor.cli.printing import say, tell

    if new_home is not None:
        tell(first_start_notice(new_home))
    say(f"The asset service answers at {address}")
    say("Stop with Ctrl-C.")
    sys.stdout.flush()
