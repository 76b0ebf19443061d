"""Opens the store and nothing else, for commands that look at it while no engine runs."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from opsconductor.adapters.audit.hmac_seal import HmacSeal
from opsconductor.adapters.clock.system import SystemClock
from opsconductor.bootstrap.audit_key import audit_key
from opsconductor.bootstrap.stores import open_stores
from opsconductor.ports.storage import Storage
from opsconductor.settings import Settings


@asynccontextmanager
async def open_storage_alone(settings: Settings) -> AsyncIterator[Storage]:
    """The home's store. Raises `store.*`, `home.unusable`."""
    seal = HmacSeal(audit_key(settings))
    async with open_stores(settings, seal, SystemClock()) as stores:
        yield stores.storage
