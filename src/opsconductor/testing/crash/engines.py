"""Opens the wired engine of one cell: over its own home, its own time and its own realm of the World."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import opsconductor.testing.world
from opsconductor.bootstrap import Engine, Overrides, open_engine
from opsconductor.ports.clock import Clock
from opsconductor.settings import load_settings
from opsconductor.testing.crash.place import Place
from opsconductor.testing.doubles.connector.world import WorldConnectorDouble
from opsconductor.testing.doubles.embedder.hashed_words import HashedWordsEmbedderDouble
from opsconductor.testing.doubles.failpoints.killing import KillingFailpointsDouble
from opsconductor.testing.doubles.intent_model.scripted import ScriptedIntentModelsDouble
from opsconductor.testing.doubles.inventory.in_memory import InMemoryInventoryDouble
from opsconductor.testing.doubles.storage.stopping import StoppingStorageDouble
from opsconductor.testing.executions import HOSTS

PACK = Path(opsconductor.testing.world.__file__).parent / "pack"


@asynccontextmanager
async def opened_engine(
    place: Place, failpoints: KillingFailpointsDouble, *, real_time: Clock | None = None
) -> AsyncIterator[Engine]:
    """The engine at `place`; only what would understand words is a double, and, without `real_time`, its time."""
    own = place.clock
    clock: Clock = real_time or own
    overrides = Overrides(
        clock=clock,
        store_now_ms=None if real_time else own.now_ms,
        failpoints=failpoints,
        embedder=HashedWordsEmbedderDouble(),
        intent_models=ScriptedIntentModelsDouble({}),
        inventory=InMemoryInventoryDouble(HOSTS),
        connectors=lambda usual: {**usual, "ssh": WorldConnectorDouble(place.port, place.realm, clock, failpoints)},
        storage=lambda storage: StoppingStorageDouble(storage, failpoints),
    )
    record = {"database_url": place.database_url, "database_admin_url": place.admin_url}
    settings = load_settings({"home": str(place.home), "pack": str(PACK), **record})
    async with open_engine(settings, overrides=overrides) as engine:
        yield engine
