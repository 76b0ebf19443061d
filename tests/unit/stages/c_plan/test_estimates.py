"""How long a step takes: the tool's figure in rounds, or its expression; what is no number of seconds makes no plan."""

from dataclasses import replace
from typing import Any

import pytest

from opsconductor.adapters.expressions.cel import open_expressions
from opsconductor.domain.catalogue import Tool
from opsconductor.domain.errors import BadInput
from opsconductor.stages.c_plan.estimates import estimate_ms
from opsconductor.testing.contracts.lanes import a_catalogue
from opsconductor.testing.executions import a_change, a_read


async def lasts(tool: Tool, targets: int, *others: Tool, **inputs: Any) -> int:
    catalogue = a_catalogue(tools={one.name: one for one in (tool, *others)})
    return await estimate_ms(open_expressions(), catalogue, tool, inputs, targets)


async def test_a_figure_counts_in_each_part_and_so_does_the_look_after_it() -> None:
    tool = a_change(canary=1, batch=4, concurrency=2, estimate_s=5.0, verify="look")
    look = a_read("look", estimate_s=1.0)
    assert await lasts(tool, 9, look) == (1 + 2 + 2) * 5000 + 3 * 1000
    assert await lasts(replace(tool, verify=""), 9) == 25_000
    assert await lasts(a_read(estimate_s=2.0), 0) == 2000


@pytest.mark.parametrize(
    ("expression", "targets", "inputs", "expected"),
    [
        ("5 + 2 * targets", 1, {}, 7_000),
        ("5 + 2 * targets", 10, {}, 25_000),
        ("0.5 * double(targets)", 3, {}, 1_500),
        ("input.minutes * 60 * targets", 2, {"minutes": 3}, 360_000),
        ("has(input.full) && input.full ? 30 : 3", 1, {"full": True}, 30_000),
        ("has(input.full) && input.full ? 30 : 3", 1, {}, 3_000),
        ("targets", 0, {}, 0),
    ],
)
async def test_an_expression_scales_with_targets_and_inputs(
    expression: str, targets: int, inputs: dict[str, Any], expected: int
) -> None:
    assert await lasts(a_change(estimate=expression), targets, **inputs) == expected


async def test_an_expression_stands_for_the_whole_rollout_and_the_look_for_each_part() -> None:
    tool = a_change(canary=1, batch=4, estimate="10 * targets", verify="look")
    assert await lasts(tool, 9, a_read("look", estimate="1 + targets")) == 90_000 + (2 + 5 + 5) * 1000


@pytest.mark.parametrize(
    "expression",
    [
        *("1 / 0", "0.0 / 0.0", "1.0 / 0.0", "-1", "targets - 2", "1e300", "9223372036854775807"),
        *("input.minutes", "input.host", "'5'", "targets > 0", "[1]", "0.5 * targets", "5 +", "null"),
        "x.all(a, true)",
    ],
)
async def test_what_is_no_number_of_seconds_makes_no_plan(expression: str) -> None:
    with pytest.raises(BadInput) as refused:
        await lasts(a_change(estimate=expression), 1, host="app-01")
    assert refused.value.code == "plan.invalid"
    assert "service-restart" in refused.value.message


async def test_an_expression_that_takes_too_long_makes_no_plan() -> None:
    loops = "size(x.filter(a, x.all(b, x.all(c, x.all(d, x.all(e, a + b + c + d + e >= 0))))))"
    many = ", ".join(str(number) for number in range(60))
    with pytest.raises(BadInput) as refused:
        await lasts(a_change(estimate=loops.replace("x", f"[{many}]")), 1)
    assert refused.value.code == "plan.invalid"
