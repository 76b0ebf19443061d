from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from opsconductor.domain.snapshot import SituationalSnapshot
from opsconductor.phases.p02_sense import Sense
from opsconductor.testing.doubles.clock.moving import MovingClockDouble
from opsconductor.testing.doubles.inventory.in_memory import InMemoryInventoryDouble, lab_hosts, workstations


@pytest.fixture
def inventory() -> InMemoryInventoryDouble:
    return InMemoryInventoryDouble((*workstations(), *lab_hosts()))


@pytest.fixture
def sense(inventory: InMemoryInventoryDouble) -> Callable[..., Awaitable[SituationalSnapshot]]:
    """Sense one message: `await sense("restart billing", pending=...)`."""
    phase = Sense(inventory, MovingClockDouble())

    async def run(message: str, **given: Any) -> SituationalSnapshot:
        defaults: dict[str, Any] = {"tenant": "default", "mask": {}, "glossary": (), "previous": (), "pending": None}
        return await phase.run(message=message, **{**defaults, **given})

    return run
