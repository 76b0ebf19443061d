"""Opening an engine: everything is there, a second start finds what the first left, and all of it closes."""

import pytest

from opsconductor.bootstrap import Overrides, open_engine
from opsconductor.domain.assets import AssetQuery
from opsconductor.domain.errors import Unavailable
from opsconductor.settings import Settings
from opsconductor.testing.doubles.inventory.in_memory import InMemoryInventoryDouble


async def test_a_fresh_home_has_six_workstations_and_a_second_start_the_same(settings: Settings) -> None:
    for _ in range(2):
        async with open_engine(settings) as engine:
            answer = await engine.inventory.query("default", AssetQuery(query_type="count"))
            assert (answer.total_count, answer.breakdown) == (6, {"windows_workstation": 6})


async def test_the_lab_is_registered_and_retired(settings: Settings) -> None:
    async with open_engine(settings, lab=True) as engine:
        assert [host.name for host in engine.lab_hosts] == ["app-01", "app-02", "web-01", "db-01"]
        assert (await engine.inventory.query("default", AssetQuery(query_type="count"))).total_count == 10
    async with open_engine(settings, lab=False) as engine:
        assert (await engine.inventory.query("default", AssetQuery(query_type="count"))).total_count == 6


async def test_the_service_can_be_stopped_while_the_engine_stays_open(settings: Settings) -> None:
    async with open_engine(settings) as engine:
        await engine.asset_service.stop()
        with pytest.raises(Unavailable) as gone:
            await engine.inventory.query("default", AssetQuery(query_type="count"))
        assert gone.value.code == "inventory.unavailable"
        assert await engine.storage.identities("default")


async def test_a_port_in_use_is_named(settings: Settings) -> None:
    async with open_engine(settings) as engine:
        port = int(engine.asset_service.base_url.rsplit(":", 1)[1])
        with pytest.raises(Unavailable) as taken:
            async with open_engine(settings, asset_service_port=port):
                pass
        assert taken.value.code == "server.port_in_use"


async def test_overrides_take_the_place_of_the_usual(settings: Settings) -> None:
    inventory = InMemoryInventoryDouble()
    async with open_engine(settings, overrides=Overrides(inventory=inventory)) as engine:
        assert engine.inventory is inventory
