"""A home's key is made once; a home that lost it says so instead of going on under another."""

from pathlib import Path

import pytest

from opsconductor.bootstrap.audit_key import audit_key
from opsconductor.bootstrap.storage_alone import open_storage_alone
from opsconductor.domain.errors import InternalFault
from opsconductor.settings import load_settings


def test_a_new_home_gets_a_key_and_keeps_it(home: Path) -> None:
    settings = load_settings({"home": str(home)})
    assert audit_key(settings) == audit_key(settings)


async def test_a_used_home_that_lost_its_key_is_told_and_gets_no_other(home: Path) -> None:
    settings = load_settings({"home": str(home)})
    async with open_storage_alone(settings):
        pass
    path = home / "keys" / "audit.key"
    path.unlink()
    for _ in range(2):
        with pytest.raises(InternalFault) as refused:
            async with open_storage_alone(settings):
                pass
        assert refused.value.code == "audit.broken"
        assert "backup" in refused.value.next_step
        assert not path.exists()
