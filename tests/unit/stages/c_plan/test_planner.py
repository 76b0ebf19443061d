"""Selected tools are frozen into a plan with resolved targets and a digest that names it."""

from dataclasses import replace

import pytest

from opsconductor.adapters.expressions.cel import open_expressions
from opsconductor.domain.plan import plan_content
from opsconductor.domain.selection import SelectionV1
from opsconductor.ports.canonical import digest
from opsconductor.stages.c_plan.planner import Plan
from opsconductor.testing.contracts.lanes import a_catalogue
from opsconductor.testing.doubles.inventory.in_memory import InMemoryInventoryDouble
from tests.unit.stages.c_plan.plans import HOSTS, MANY, catalogue, plan, refused, selected


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


@pytest.mark.parametrize("level", [1, 2, 3])
async def test_a_tool_may_ask_for_more_where_the_inventory_ends(level: int) -> None:
    strict = replace(catalogue().tools["http-check"], outside_inventory_level=level)
    made = await Plan(InMemoryInventoryDouble(HOSTS), open_expressions()).run(
        "default",
        a_catalogue(tools={"http-check": strict}),
        SelectionV1(selection_id="sel_1", tools=(selected("http-check", url="http://example.org/"),)),
    )
    assert made.approval_level == level


async def test_the_digest_covers_all_that_runs() -> None:
    one = (await plan(selected("deploy", "app-01", "app-02", version="2"))).steps[0]
    changed = [
        replace(one, inputs={"version": "3"}),
        replace(one, undo="other"),
        replace(one, undo_inputs={}),
        replace(one, verify=""),
        replace(one, canary=0),
        replace(one, batch=1),
        replace(one, concurrency=2),
        replace(one, retries=1),
        replace(one, retry_pause_ms=5),
        replace(one, on_failure="stop"),
        replace(one, targets=one.targets[:1]),
        replace(one, timeout_ms=1),
        replace(one, effect="read"),
        replace(one, credential_ref="other"),
        replace(one, depends_on=("step_0",)),
        replace(one, tool_digest="other"),
    ]
    digests = {digest(plan_content((step,))) for step in [one, *changed]}
    assert len(digests) == len(changed) + 1


async def test_the_strategy_follows_from_what_waits_for_what() -> None:
    one, two = selected("disk-usage", "app-01"), selected("disk-usage", "app-02")
    assert (await plan(one)).strategy == "simple"
    assert (await plan(one, two)).strategy == "parallel"
    assert (await plan(one, replace(two, depends_on=("step_1",)))).strategy == "sequential"


async def test_who_says_that_it_depends_on_a_target_is_counted() -> None:
    assert (await plan(selected("service-restart", "app-01"))).blast_radius.dependents == 1
    assert (await plan(selected("service-restart", "app-03"))).blast_radius.dependents == 0
    assert (await plan(selected("disk-usage", "app-01"))).blast_radius.dependents == 0
