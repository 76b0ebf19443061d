from dataclasses import replace
from pathlib import Path

import httpx2
import pytest

from opsconductor.bootstrap import open_asset_service
from opsconductor.domain.errors import OpsConductorError
from opsconductor.settings import Settings, load_settings


@pytest.fixture
def settings(home: Path) -> Settings:
    return replace(load_settings({"home": str(home)}), asset_service_port=0)


async def test_a_new_home_has_its_six_workstations_and_is_told_of(settings: Settings) -> None:
    async with open_asset_service(settings, lambda *_: {"t": "default"}.get) as (running, new_home):
        assert new_home is not None
        async with httpx2.AsyncClient(base_url=running.base_url, headers={"Authorization": "Bearer t"}) as http:
            answer = await http.post("/query", json={"query_type": "count"})
    assert answer.json()["total_count"] == 6
    async with open_asset_service(settings, lambda *_: {"t": "default"}.get) as (_, again):
        assert again is None


async def test_two_on_one_port_are_one_too_many(settings: Settings) -> None:
    async with open_asset_service(settings, lambda *_: {"t": "default"}.get) as (running, _):
        with pytest.raises(OpsConductorError) as refused:
            async with open_asset_service(replace(settings, asset_service_port=running.port), lambda *_: {}.get):
                pass
    assert refused.value.code == "server.port_in_use"
