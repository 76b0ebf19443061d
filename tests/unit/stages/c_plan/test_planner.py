"""Selected tools are frozen into a plan with resolved targets and a digest that names it."""

import pytest

from opsconductor.domain.catalogue import Catalogue, Effect, RiskLevel
from opsconductor.domain.errors import OpsConductorError
from opsconductor.domain.plan import PlanV1
from opsconductor.domain.selection import SelectedTool, SelectionV1
from opsconductor.stages.c_plan.planner import Plan
from opsconductor.testing.contracts.lanes import a_catalogue
from opsconductor.testing.doubles.inventory.in_memory import InMemoryInventoryDouble, an_asset
from opsconductor.testing.turns import a_tool, object_schema

HOSTS = [an_asset(f"app-{number:02d}", environment="staging", platform="linux") for number in range(1, 9)]
DATABASE = an_asset("db-01", environment="production", platform="linux", criticality="high")


def catalogue() -> Catalogue:
    restart = a_tool(
        "service-restart", effect=Effect.IDEMPOTENT, risk=RiskLevel.MEDIUM, estimate_s=5.0, timeout_class="fast_change"
    )
    address = object_schema(url={"type": "string", "x-entity": "url"})
    check = a_tool("http-check", targets_input="", inputs=address)
    tools = {tool.name: tool for tool in (a_tool("disk-usage", max_targets=5), restart, check)}
    return a_catalogue(tools=tools)


def selected(name: str, *hosts: str, depends_on: tuple[str, ...] = (), **inputs: object) -> SelectedTool:
    return SelectedTool(
        name=name,
        reason="",
        inputs=inputs,  # type: ignore[arg-type]
        targets=tuple(f"asset_{host}" for host in hosts),
        depends_on=depends_on,
    )


async def plan(*tools: SelectedTool) -> PlanV1:
    stage = Plan(InMemoryInventoryDouble([*HOSTS, DATABASE]))
    return await stage.run("default", catalogue(), SelectionV1(selection_id="sel_1", tools=tools))


async def refused(*tools: SelectedTool) -> str:
    with pytest.raises(OpsConductorError) as error:
        await plan(*tools)
    return error.value.code


async def test_the_same_selection_gives_the_same_plan() -> None:
    first, second = await plan(selected("disk-usage", "app-01")), await plan(selected("disk-usage", "app-01"))
    assert first.plan_id == second.plan_id
    assert first.plan_id.removeprefix("plan_") in first.plan_digest
    other = await plan(selected("disk-usage", "app-02"))
    assert other.plan_digest != first.plan_digest


async def test_targets_are_resolved_and_counted() -> None:
    made = await plan(selected("disk-usage", "app-01", "app-02", "app-01"))
    assert [target.name for target in made.steps[0].targets] == ["app-01", "app-02"]
    assert made.blast_radius.targets == 2
    assert made.approval_level == 0


async def test_an_estimate_scales_with_the_targets() -> None:
    one, two = await plan(selected("disk-usage", "app-01")), await plan(selected("disk-usage", "app-01", "app-02"))
    assert (one.estimate_s, two.estimate_s) == (1.0, 2.0)


async def test_an_empty_selection_is_never_all() -> None:
    assert await refused(selected("disk-usage")) == "gate.empty_selector"


async def test_a_target_that_is_gone_is_a_failure() -> None:
    assert await refused(selected("disk-usage", "app-99")) == "gate.no_target_matched"


async def test_more_targets_than_the_tool_takes_are_refused() -> None:
    assert await refused(selected("disk-usage", *[host.name for host in HOSTS])) == "gate.too_many_targets"


async def test_an_unknown_tool_and_a_circle_are_refused() -> None:
    assert await refused(selected("rm-rf", "app-01")) == "plan.invalid"
    circle = [
        selected("disk-usage", "app-01", depends_on=("step_2",)),
        selected("disk-usage", "app-02", depends_on=("step_1",)),
    ]
    assert await refused(*circle) == "plan.invalid"
    assert await refused(selected("disk-usage", "app-01", depends_on=("step_9",))) == "plan.invalid"


async def test_the_estimate_is_the_longest_path() -> None:
    made = await plan(
        selected("service-restart", "app-01"),
        selected("disk-usage", "app-01", depends_on=("step_1",)),
        selected("disk-usage", "app-02"),
    )
    assert made.estimate_s == 6.0


async def test_changing_an_asset_of_high_criticality_is_high_risk() -> None:
    made = await plan(selected("service-restart", "db-01"))
    assert (made.risk, made.approval_level) == ("high", 2)
    assert (await plan(selected("service-restart", "app-01"))).approval_level == 1


async def test_an_address_outside_the_inventory_needs_a_confirmation() -> None:
    made = await plan(selected("http-check", url="http://example.org/"))
    assert made.steps[0].outside_inventory
    assert made.approval_level == 1


async def test_a_fraction_cannot_be_hashed_and_a_whole_number_can() -> None:
    assert (await plan(selected("disk-usage", "app-01", minutes=5.0))).steps[0].inputs["minutes"] == 5
    assert await refused(selected("disk-usage", "app-01", minutes=0.5)) == "plan.unhashable"
