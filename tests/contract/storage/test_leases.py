import pytest

from opsconductor.testing.contracts.storage.leases import PROMISES
from opsconductor.testing.contracts.storage.opened import Opened, Promise


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.__name__)
async def test_engine(opened: Opened, promise: Promise) -> None:
    await promise(opened)
