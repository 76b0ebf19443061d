"""What is stored at the two sides of a commit."""

from pathlib import Path

import pytest

from opsconductor.adapters.audit.hmac_seal import HmacSeal
from opsconductor.adapters.storage.sqlite import open_storage
from opsconductor.testing.doubles.failpoints.killing import KillingFailpointsDouble
from opsconductor.testing.doubles.storage.stopping import AFTER, BEFORE, StoppingStorageDouble


@pytest.mark.parametrize(("place", "kept"), [(BEFORE, {}), (AFTER, {"a": 1})])
async def test_before_nothing_is_stored_and_after_all_of_it(home: Path, place: str, kept: dict[str, int]) -> None:
    name = f"{place}save_tenant_settings"
    failpoints = KillingFailpointsDouble(fail_at={name: OSError("power cut")})
    async with open_storage(home / "a.db", HmacSeal(bytes(32))) as stored:
        stopping = StoppingStorageDouble(stored, failpoints)
        unit = stopping.begin()
        unit.save_tenant_settings("default", {"a": 1})
        with pytest.raises(OSError, match="power cut"):
            await unit.commit()
        assert await stopping.tenant_settings("default") == kept
    assert failpoints.hits[-1] == name
