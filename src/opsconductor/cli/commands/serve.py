"""`serve`: the server of one home, with API, page, asset service and, if wanted, the lab."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    import asyncio

    from opsconductor.server.serving import Started


def serve(
    port: Annotated[
        int | None, typer.Option("--port", min=0, max=65535, help="0 takes a free one.", show_default="3005")
    ] = None,
    lab: Annotated[bool, typer.Option("--lab", help="Run four real practice hosts on this machine.")] = False,
) -> None:
    """Serve API, page and asset service until Ctrl-C.

    Commands of this home then talk to this server.
    """
    import asyncio
    import sys

    from opsconductor.server.logs import configure
    from opsconductor.server.serving import serve as run
    from opsconductor.settings import load_settings

    settings = load_settings({"port": str(port)} if port is not None else {})
    configure(settings.log_level, sys.stderr)
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        runner.run(run(settings, lab=lab, announce=announce))


def loop_factory() -> "Callable[[], asyncio.AbstractEventLoop] | None":
    """The quicker event loop, where the machine has it."""
    try:
        from uvloop import new_event_loop
    except ImportError:
        return None
    return new_event_loop


def announce(started: "Started") -> None:
    """Tell where the server is and how to sign in."""
    import sys

    from opsconductor.cli.in_process import first_start_notice, recovery_notice
    from opsconductor.cli.printing import say, tell

    if started.first_start is not None:
        tell(first_start_notice(started.first_start))
    for reply in started.recovered:
        tell(recovery_notice(reply))
    say(f"OpsConductor serves {started.address}")
    say(f"Sign in (once, within ten minutes): {started.sign_in_url}")
    for name, address in started.lab_hosts:
        say(f"Lab host {name}: {address}")
    say("Stop with Ctrl-C.")
    sys.stdout.flush()
