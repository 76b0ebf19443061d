"""Selected tools are frozen into a plan with resolved targets and a digest that names it."""

from dataclasses import replace

import pytest

from opsconductor.domain.catalogue import Catalogue, Effect, RiskLevel, ToolRun
from opsconductor.domain.errors import OpsConductorError
from opsconductor.domain.plan import PlanV1
from opsconductor.domain.selection import SelectedTool, SelectionV1
from opsconductor.stages.c_plan.planner import Plan
from opsconductor.testing.contracts.lanes import a_catalogue
from opsconductor.testing.doubles.inventory.in_memory import InMemoryInventoryDouble, an_asset
from opsconductor.testing.turns import a_tool, object_schema

HOSTS = [an_asset(f"app-{number:02d}", environment="staging", platform="linux") for number in range(1, 9)]
MANY = [an_asset(f"wide-{number:02d}", platform="linux") for number in range(40)]
DATABASE = an_asset("db-01", environment="production", platform="linux", criticality="high")


def catalogue() -> Catalogue:
    restart = a_tool(
        "service-restart", effect=Effect.IDEMPOTENT, risk=RiskLevel.MEDIUM, estimate_s=5.0, timeout_class="fast_change"
    )
    address = object_schema(url={"type": "string", "x-entity": "url"})
    get = ToolRun(http={"method": "GET", "url": {"input": "url"}})
    check = a_tool("http-check", targets_input="", inputs=address, run=get)
    wide = a_tool("wide-read", max_targets=50)
    slow = replace(restart, name="wide-change", max_targets=5)
    secretive = a_tool(
        "secretive", max_targets=2, run=ToolRun(argv=("act", {"input": "host"}, {"input": "token"})), redact=("token",)
    )
    every = (a_tool("disk-usage", max_targets=5), restart, check, wide, slow, secretive)
    tools = {tool.name: tool for tool in every}
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
    stage = Plan(InMemoryInventoryDouble([*HOSTS, *MANY, DATABASE]))
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


async def test_an_estimate_counts_rounds_of_reads_and_every_change() -> None:
    made = [await plan(selected("wide-read", *[host.name for host in MANY[:count]])) for count in (1, 10, 11, 35)]
    assert [one.estimate_s for one in made] == [1.0, 1.0, 2.0, 4.0]
    changes = await plan(selected("wide-change", *[host.name for host in MANY[:3]]))
    assert changes.estimate_s == 15.0


@pytest.mark.parametrize(
    "address",
    [
        *("http://169.254.169.254/latest", "http://[fe80::1]/", "http://224.0.0.1/", "http://0.0.0.0:80/"),
        *("http://2852039166/", "http://0xa9fea9fe/", "http://[::ffff:169.254.169.254]/", "http://169.254.169.254./"),
        *("http://[::", "http://168.63.129.16/"),
    ],
)
async def test_an_address_that_no_approval_can_allow_makes_no_plan(address: str) -> None:
    assert await refused(selected("http-check", url=address)) == "connector.forbidden_address"


@pytest.mark.parametrize(
    "address", ["http://example.com/", "http://10.0.0.1/", "http://93.184.216.34/", "http://face/"]
)
async def test_other_addresses_are_left_to_the_approval_and_the_connector(address: str) -> None:
    assert (await plan(selected("http-check", url=address))).approval_level == 1


async def test_a_step_shows_what_would_be_sent_and_no_secret() -> None:
    one = await plan(selected("secretive", "app-01", host="app-01", token="hunter2"))
    assert one.steps[0].request == {"argv": ["act", "app-01", "[redacted]"]}
    assert one.steps[0].connector == "ssh"
    two = await plan(selected("secretive", "app-01", "app-02", token="hunter2"))
    assert two.steps[0].request == {"argv": ["act", "<each target>", "[redacted]"]}
    check = await plan(selected("http-check", url="http://example.com/"))
    assert check.steps[0].request == {"http": {"method": "GET", "url": "http://example.com/"}}


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


@pytest.mark.parametrize("level", [1, 2, 3])
async def test_a_tool_may_ask_for_more_where_the_inventory_ends(level: int) -> None:
    strict = replace(catalogue().tools["http-check"], outside_inventory_level=level)
    made = await Plan(InMemoryInventoryDouble(HOSTS)).run(
        "default",
        a_catalogue(tools={"http-check": strict}),
        SelectionV1(selection_id="sel_1", tools=(selected("http-check", url="http://example.org/"),)),
    )
    assert made.approval_level == level
