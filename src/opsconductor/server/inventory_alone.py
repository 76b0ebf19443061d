"""What `asset-service` runs: the inventory for programs that hold a bearer token of this home."""

import asyncio
import signal
from collections.abc import Callable

from opsconductor.bootstrap import FirstStart, open_asset_service
from opsconductor.domain.errors import OpsConductorError
from opsconductor.ports.clock import Clock
from opsconductor.ports.ids import Ids
from opsconductor.ports.storage import Storage
from opsconductor.server.credentials import BEARER, Credentials
from opsconductor.services.asset_service.app import Verify
from opsconductor.settings import Settings


async def serve_inventory(settings: Settings, announce: Callable[[str, FirstStart | None], None]) -> None:
    """Serve until SIGTERM or SIGINT; `announce` is given the address and what a new home was given."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    async with open_asset_service(settings, tenant_of_bearer) as (running, new_home):
        announce(running.base_url, new_home)
        await stop.wait()


def tenant_of_bearer(storage: Storage, clock: Clock, ids: Ids) -> Verify:
    """A check that gives the isolation tenant of a bearer token, None for one that is not valid."""
    credentials = Credentials(storage, clock, ids)

    async def verify(secret: str) -> str | None:
        try:
            return (await credentials.identity_of(secret, BEARER)).tenant
        except OpsConductorError as error:
            if error.spec.status in (401, 403):
                return None
            raise

    return verify
