import pytest

from opsconductor.testing.contracts.storage.opened import Opened, Promise
from opsconductor.testing.contracts.storage.tenants import PROMISES


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.__name__)
async def test_engine(opened: Opened, promise: Promise) -> None:
    await promise(opened)
