from dataclasses import replace

import pytest

from opsconductor.domain.assets import Vocabulary
from opsconductor.domain.catalogue import Effect
from opsconductor.domain.entities import Entity
from opsconductor.stages.b_select.request import Request
from opsconductor.stages.b_select.targets import Reach, reach
from opsconductor.testing.doubles.inventory.in_memory import InMemoryInventoryDouble
from opsconductor.testing.turns import a_host, a_tool, a_word, an_asset_match

READ = a_tool("disk-usage", max_targets=50)
CHANGE = a_tool("service-restart", effect=Effect.IDEMPOTENT, max_targets=50)


async def reached(text: str, *entities: Entity, tool: object = READ) -> Reach:
    inventory = InMemoryInventoryDouble()
    request = Request(text=text, action="", entities=entities)
    return await reach(request, tool, inventory, "default", await inventory.vocabulary("default"))  # type: ignore[arg-type]


def names(found: Reach) -> list[str]:
    return [asset.name for asset in found.assets]


def service(*hosts: str) -> Entity:
    return replace(a_word("service", "billing"), matches=tuple(an_asset_match(host) for host in hosts))


async def test_named_hosts_are_the_targets() -> None:
    found = await reached(
        "app-02 and app-01", a_host("app-02", "app-02 and app-01"), a_host("app-01", "app-02 and app-01")
    )
    assert names(found) == ["app-02", "app-01"]
    assert found.how == "named"
    assert found.assets[0].platform == "linux"


async def test_an_address_of_the_inventory_is_a_target_and_a_foreign_one_is_not() -> None:
    own = replace(a_host("app-01"), type="ip", value="127.0.0.11")
    assert names(await reached("ping 127.0.0.11", own)) == ["app-01"]
    request = Request(text="ping 9.9.9.9", action="", entities=(), foreign=("9.9.9.9",))
    found = await reach(request, READ, InMemoryInventoryDouble(), "default", Vocabulary(revision=0, values={}))
    assert (found.assets, found.refusal_code) == ((), "gate.no_target_matched")
    assert "9.9.9.9" in found.refusal


@pytest.mark.parametrize(
    ("text", "entities", "hosts"),
    [
        ("all linux servers", (a_word("os", "linux"),), ["app-01", "app-02", "web-01", "db-01"]),
        ("every host in staging", (a_word("environment", "staging"),), ["app-01", "app-02"]),
        ("all hosts that run billing", (a_word("service", "billing"),), ["app-01", "app-02"]),
    ],
)
async def test_a_group_is_looked_up_in_the_inventory(text: str, entities: tuple[Entity, ...], hosts: list[str]) -> None:
    found = await reached(text, *entities, tool=CHANGE)
    assert names(found) == hosts
    assert found.how == "group"


async def test_a_read_takes_a_place_for_a_group_and_a_change_does_not() -> None:
    staging = a_word("environment", "staging")
    assert names(await reached("how full are the disks in staging", staging)) == ["app-01", "app-02"]
    assert names(await reached("restart billing in staging", staging, tool=CHANGE)) == []


async def test_a_change_that_is_rolled_out_takes_a_place_for_all_that_run_the_service_there() -> None:
    staging, billing = a_word("environment", "staging"), service("app-01", "app-02")
    rolled = replace(CHANGE, canary=1)
    assert names(await reached("deploy billing to staging", billing, staging, tool=rolled)) == ["app-01", "app-02"]
    assert names(await reached("deploy billing to staging", billing, staging, tool=CHANGE)) == []
    assert names(await reached("deploy it to staging", staging, tool=rolled)) == []
    found = await reached("deploy billing to production", billing, a_word("environment", "production"), tool=rolled)
    assert (found.assets, found.refusal_code) == ((), "gate.no_target_matched")
    assert names(await reached("deploy billing", billing, tool=rolled)) == []


async def test_an_empty_group_is_told_with_what_was_looked_for() -> None:
    found = await reached("all hosts in testing", a_word("environment", "testing"))
    assert found.assets == ()
    assert found.refusal_code == "gate.no_target_matched"
    assert found.refusal == "No asset of the inventory has environment testing."


@pytest.mark.parametrize("text", ["restart billing everywhere", "check all hosts", "the whole fleet"])
async def test_all_without_a_group_is_refused(text: str) -> None:
    found = await reached(text)
    assert found.assets == ()
    assert found.refusal_code == "gate.empty_selector"


async def test_the_one_host_that_runs_the_service_is_the_target() -> None:
    assert names(await reached("restart billing", service("app-01"), tool=CHANGE)) == ["app-01"]
    assert names(await reached("restart billing", service("app-01", "app-02"), tool=CHANGE)) == []
    assert names(await reached("is billing up", service("app-01", "app-02"))) == ["app-01", "app-02"]
    narrow = a_tool("service-status", max_targets=1)
    assert names(await reached("is billing up", service("app-01", "app-02"), tool=narrow)) == []
