"""A simple plan has one step."""

import pytest

from opsconductor.domain.errors import BadInput
from opsconductor.domain.plan import PlanStep
from opsconductor.stages.e_execute.strategies.simple_execution import execute_simple
from opsconductor.testing.executions import a_read, a_step


async def test_the_one_step_is_run_and_several_are_refused_before_any() -> None:
    ran: list[str] = []

    async def run(step: PlanStep) -> None:
        ran.append(step.step_id)

    await execute_simple([a_step(a_read())], run)
    assert ran == ["step_1"]
    with pytest.raises(BadInput):
        await execute_simple([a_step(a_read()), a_step(a_read(), step_id="step_2")], run)
    assert ran == ["step_1"]
    await execute_simple([], run)
