"""Dependents are what the inventory says depends on a changed asset or service, in the same environment."""

from typing import Any

import pytest

from opsconductor.domain.assets import AssetQuery
from opsconductor.domain.json_value import Json
from opsconductor.stages.c_plan.dependents import count_dependents
from opsconductor.testing.doubles.inventory.in_memory import InMemoryInventoryDouble, an_asset
from opsconductor.testing.executions import a_change, a_read, a_step

TARGET = an_asset("app-01", environment="staging", services=("billing", "search"))


def others(*depends_on: Json, environment: str = "staging") -> list[Any]:
    return [
        an_asset(f"other-{number}", environment=environment, attributes={"depends_on": value} if value else {})
        for number, value in enumerate(depends_on)
    ]


async def counted(*assets: Any, tool: Any = None, **inputs: Json) -> int:
    step = a_step(tool or a_change(), TARGET, inputs=inputs or {"service": "billing"})
    return await count_dependents(InMemoryInventoryDouble([TARGET, *assets]), "default", [step], [TARGET])


@pytest.mark.parametrize(
    ("said", "count"),
    [
        ("app-01", 1),
        ("APP-01, db-01", 1),
        ("billing", 1),
        (["ledger", "billing"], 1),
        ("search", 0),
        ("billing-old", 0),
        ("", 0),
        (7, 0),
        ({"name": "billing"}, 0),
    ],
)
async def test_who_names_the_asset_or_its_changed_service_depends_on_it(said: Json, count: int) -> None:
    assert await counted(*others(said)) == count


async def test_every_service_of_a_target_counts_where_none_is_named() -> None:
    assert await counted(*others("search", "billing"), path="/") == 2


async def test_other_environments_reads_and_the_target_itself_do_not_count() -> None:
    assert await counted(*others("billing", environment="production")) == 0
    assert await counted(*others("billing"), tool=a_read()) == 0
    own = an_asset("app-01", environment="staging", services=("billing",), attributes={"depends_on": "billing"})
    step = a_step(a_change(), own)
    assert await count_dependents(InMemoryInventoryDouble([own]), "default", [step], [own]) == 0


async def test_a_read_asks_the_inventory_nothing() -> None:
    inventory = InMemoryInventoryDouble([TARGET])
    inventory.down = True
    assert await count_dependents(inventory, "default", [a_step(a_read(), TARGET)], [TARGET]) == 0


async def test_the_inventory_double_lists_attributes() -> None:
    answer = await InMemoryInventoryDouble(others("billing")).query("default", AssetQuery(query_type="list"))
    assert answer.assets[0]["attributes"] == {"depends_on": "billing"}
