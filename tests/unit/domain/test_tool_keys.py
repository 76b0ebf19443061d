"""The same order has the same content, however it was worded; another order has another."""

from dataclasses import replace

from opsconductor.domain.tool_keys import order_content
from opsconductor.testing.executions import HOSTS, a_change, a_plan, a_read, a_step

CHANGE = a_change()
PLAN = a_plan(a_step(CHANGE, HOSTS[0], HOSTS[1]))


def test_targets_in_any_order_and_anything_but_the_order_itself_are_the_same() -> None:
    other = a_plan(
        a_step(a_read(), HOSTS[2], step_id="step_1"),
        a_step(replace(CHANGE, digest="sha256:newer"), HOSTS[1], HOSTS[0], step_id="step_2", timeout_ms=1),
    )
    assert order_content("automation/restart", other) == order_content("automation/restart", PLAN)


def test_another_intent_tool_target_or_parameter_is_another_order() -> None:
    same = order_content("automation/restart", PLAN)
    (step,) = PLAN.steps
    for plan in (
        a_plan(a_step(CHANGE, HOSTS[0])),
        a_plan(a_step(a_change("other"), HOSTS[0], HOSTS[1])),
        a_plan(replace(step, inputs={"service": "ledger"})),
        a_plan(step, replace(step, step_id="step_2")),
    ):
        assert order_content("automation/restart", plan) != same
    assert order_content("automation/deploy", PLAN) != same


def test_what_only_reads_is_never_the_same_order() -> None:
    assert order_content("monitoring/count", a_plan(a_step(a_read(), HOSTS[0]))) is None
