"""Where a command's engine runs: in the server while one holds the home, otherwise in this process."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, TypeVar

from opsconductor.cli.client import Client
from opsconductor.cli.printing import tell

if TYPE_CHECKING:
    from opsconductor.settings import Settings

T = TypeVar("T")


@asynccontextmanager
async def open_client(settings: "Settings", acting_as: str, channel: str, tenant: str = "") -> AsyncIterator[Client]:
    """A client for this home. `acting_as` empty: the operating-system user; `tenant` empty: the home's own.

    Naming a tenant never makes one: who acts must be one of its identities. Raises what opening raises.
    """
    import asyncio

    from opsconductor.server.server_lock import running_server

    server = await asyncio.to_thread(running_server, settings.home)
    if server is not None:
        from opsconductor.cli.over_socket import open_over_socket

        remote = open_over_socket(
            server, acting_as=acting_as, token=settings.token, tenant=tenant or settings.tenant, channel=channel
        )
        async with remote as client:
            yield client
    else:
        from opsconductor.cli.in_process import open_in_process

        async with open_in_process(settings, acting_as, channel, tenant or settings.tenant, tell) as client:
            yield client


def with_client(work: Callable[[Client], Awaitable[T]], *, acting_as: str = "", tenant: str = "") -> T:
    """Open a client, do the work with it, close it: the whole life of most commands."""
    import asyncio

    from opsconductor.settings import load_settings

    settings = load_settings()

    async def whole() -> T:
        async with open_client(settings, acting_as, "cli", tenant) as client:
            return await work(client)

    return asyncio.run(whole())
